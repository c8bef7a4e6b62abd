import { useCallback, useEffect, useRef, useState } from 'react';
import type { ComparisonWay } from '../../src-shared/composition.ts';
import type { Ballot, choices, VoteResult } from '../../src-shared/vote.ts';
import { call } from '../studioApi.ts';
import { useStudioEvent } from '../studioQueries.ts';

export type Choice = (typeof choices)[number];

interface BallotState {
  readonly ballot?: Ballot | undefined;
  readonly result?: VoteResult;
  readonly failure?: unknown;
  readonly isBusy: boolean;
  /** What was voted on last, as it was shown. */
  readonly last?: Ballot | undefined;
}

/** One ballot at a time. It stays as it is shown until it is voted on, whatever else changes in the library. */
export function useBallot(first: ComparisonWay, second: ComparisonWay) {
  const [state, setState] = useState<BallotState>({ isBusy: true });
  const latest = useRef(0);
  const load = useCallback(async () => {
    const turn = ++latest.current;
    setState((old) => ({ ...old, isBusy: true }));
    try {
      const next = await call('nextBallot', { first, second });
      if (turn === latest.current) setState(({ last }) => ({ ...next, last, isBusy: false }));
    } catch (failure) {
      if (turn === latest.current) setState({ failure, isBusy: false });
    }
  }, [first, second]);
  useEffect(() => {
    setState({ isBusy: true });
    void load();
  }, [load]);
  useStudioEvent((event) => {
    const isNews = event.type === 'changed' && event.what === 'compositions';
    if (isNews && !state.ballot && !state.isBusy) void load();
  });
  const vote = async (choice: Choice) => {
    const { ballot, isBusy } = state;
    if (!ballot || isBusy) return;
    const { comparisonId, left, right } = ballot;
    setState({ ...state, isBusy: true });
    try {
      await call('castVote', { comparisonId, first, second, left, right, choice });
      setState((old) => ({ ...old, last: ballot }));
      await load();
    } catch (failure) {
      setState({ ...state, failure, isBusy: false });
    }
  };
  const takeBack = async () => {
    const { last, isBusy } = state;
    if (!last || isBusy) return;
    setState({ ...state, isBusy: true });
    try {
      const { comparisonId } = last;
      const result = await call('retractVote', { comparisonId, first, second });
      setState({ ballot: last, result, isBusy: false });
    } catch (failure) {
      setState({ ...state, failure, isBusy: false });
    }
  };
  return { ...state, vote, takeBack, load };
}
