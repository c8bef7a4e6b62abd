import { Undo2, Vote } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Ballot, VoteResult } from '../../src-shared/vote.ts';
import { useStore } from '../compose/createStore.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/classes.ts';
import { EmptyState } from '../ui/EmptyState.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { Picture } from '../ui/Picture.tsx';
import { compareStore } from './compareStore.ts';
import { type Choice, useBallot } from './useBallot.ts';
import { VoteOutcome } from './VoteOutcome.tsx';
import { WayPair } from './WayPair.tsx';

/** Which of two pictures is better, without knowing how they were made. */
export function Votes() {
  const { first, second } = useStore(compareStore);
  const { ballot, result, failure, isBusy, last, vote, takeBack, load } = useBallot(first, second);
  useVoteKeys(vote, takeBack);
  return (
    <div className="flex flex-col gap-5">
      <WayPair {...{ first, second }} labels={['One way', 'The other']} />
      {failure !== undefined && (
        <ErrorNote
          title="The vote could not be taken"
          cause={failure}
          actions={<Button onClick={() => void load()}>Try again</Button>}
        />
      )}
      {ballot && <BallotView ballot={ballot} onVote={(choice) => void vote(choice)} />}
      {!ballot && !isBusy && failure === undefined && <NoBallot result={result} />}
      {result && (
        <Outcome
          key={`${first} ${second}`}
          {...{ result, isOver: !ballot }}
          onTakeBack={last && (() => void takeBack())}
        />
      )}
    </div>
  );
}

interface BallotViewProps {
  ballot: Ballot;
  /** Does nothing while the last vote is on its way: disabled buttons would lose the focus. */
  onVote: (choice: Choice) => void;
}

function BallotView({ ballot, onVote }: BallotViewProps) {
  const hasPhotos = ballot.photos.length > 0;
  return (
    <section aria-label="Ballot" className="flex flex-col gap-4">
      <p>
        Which picture shows <q className="font-medium">{ballot.prompt}</q> better
        {hasPhotos && ', with the concept as in the photos'}?
      </p>
      <div className={classes('grid gap-5', hasPhotos && 'sm:grid-cols-[minmax(0,1fr)_8rem]')}>
        <div className="flex flex-col gap-4">
          <div className="grid grid-cols-2 gap-5">
            <Candidate blob={ballot.left} name="Left" />
            <Candidate blob={ballot.right} name="Right" />
          </div>
          <VoteButtons onVote={onVote} />
        </div>
        {hasPhotos && <Photos photos={ballot.photos} />}
      </div>
    </section>
  );
}

function VoteButtons({ onVote }: Omit<BallotViewProps, 'ballot'>) {
  return (
    <>
      <div className="flex flex-wrap gap-3">
        <VoteButton label="Left" keyName="1" onClick={() => onVote('left')} />
        <VoteButton label="Right" keyName="2" onClick={() => onVote('right')} />
        <VoteButton label="No difference" keyName="0" onClick={() => onVote('neither')} />
      </div>
      <p className="text-sm text-muted">
        Arrows left, right and down do the same; Backspace takes the last vote back.
      </p>
    </>
  );
}

function Candidate({ blob, name }: { blob: Ballot['left']; name: string }) {
  return (
    <figure className="m-0 flex flex-col gap-1.5">
      <Picture
        blob={blob}
        alt={`${name} picture`}
        fit="contain"
        className="w-full rounded-md border border-line"
      />
      <figcaption className="text-center text-sm text-muted">{name}</figcaption>
    </figure>
  );
}

/** Photos that are shown beside the ballot; more would be no help. */
const shownPhotos = 4;

function Photos({ photos }: Pick<Ballot, 'photos'>) {
  return (
    <div className="flex flex-col gap-2 max-sm:flex-row max-sm:flex-wrap">
      <h3 className="text-sm font-medium max-sm:w-full">The concept</h3>
      {photos.slice(0, shownPhotos).map((photo, index) => (
        <Picture
          key={photo}
          blob={photo}
          alt={`Photo ${index + 1} of the concept`}
          className="w-full rounded-sm max-sm:w-1/4"
        />
      ))}
    </div>
  );
}

interface VoteButtonProps {
  label: string;
  keyName: string;
  onClick: () => void;
}

function VoteButton({ label, keyName, onClick }: VoteButtonProps) {
  return (
    <Button onClick={onClick} aria-keyshortcuts={keyName} className="min-w-36">
      {label}
      <kbd className="rounded-sm border border-line px-1.5 font-sans text-xs text-muted">
        {keyName}
      </kbd>
    </Button>
  );
}

function NoBallot({ result }: { result: VoteResult | undefined }) {
  const voted = result ? result.firstWins + result.secondWins + result.ties : 0;
  return (
    <EmptyState
      icon={<Vote size={26} aria-hidden="true" />}
      title={voted > 0 ? 'All are voted on' : 'There is nothing to vote on yet'}
    >
      Compare several seeds at the left, "Compare and keep": each gives one pair of pictures to
      judge.
    </EmptyState>
  );
}

interface OutcomeProps {
  result: VoteResult;
  isOver: boolean;
  /** Absent where no vote was cast here. */
  onTakeBack: (() => void) | undefined;
}

/** Hidden while votes go on: what others chose, or oneself, sways. */
function Outcome({ result, isOver, onTakeBack }: OutcomeProps) {
  const [shown, setShown] = useState(false);
  const voted = result.firstWins + result.secondWins + result.ties;
  if (voted === 0) return null;
  return (
    <section aria-label="Result" className="border-t border-line pt-4">
      <div className="flex flex-wrap items-center gap-3 text-sm text-muted">
        {voted} {voted === 1 ? 'vote' : 'votes'} so far, {result.remaining} left.
        {onTakeBack && (
          <Button
            size="small"
            look="quiet"
            icon={<Undo2 size={14} aria-hidden="true" />}
            aria-keyshortcuts="Backspace"
            onClick={onTakeBack}
          >
            Take the last vote back
          </Button>
        )}
        {!isOver && (
          <Button size="small" look="quiet" onClick={() => setShown(!shown)}>
            {shown ? 'Hide the result' : 'Show the result'}
          </Button>
        )}
      </div>
      {(shown || isOver) && <VoteOutcome result={result} />}
    </section>
  );
}

const choiceOfKey: Readonly<Record<string, Choice>> = {
  1: 'left',
  ArrowLeft: 'left',
  2: 'right',
  ArrowRight: 'right',
  0: 'neither',
  ArrowDown: 'neither',
};

/** Elements that use arrows and digits themselves. */
const ownKeys = 'input, textarea, [role=combobox], [role=option], [role=dialog]';
/** Those that use arrows only. */
const ownArrows = '[role=tab], [role=radio], [role=slider]';

function useVoteKeys(vote: (choice: Choice) => void, takeBack: () => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const choice = event.key === 'Backspace' ? 'back' : choiceOfKey[event.key];
      const { target } = event;
      if (!choice || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      const taken = event.key.startsWith('Arrow') ? `${ownKeys}, ${ownArrows}` : ownKeys;
      if (target instanceof Element && target.closest(taken)) return;
      event.preventDefault();
      if (choice === 'back') takeBack();
      else vote(choice);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [vote, takeBack]);
}
