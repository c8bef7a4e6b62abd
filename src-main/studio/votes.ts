import type { Handlers } from './handlers.ts';

/** Blind votes on pairs of pictures. */
export const voteHandlers: Handlers<'nextBallot' | 'castVote' | 'retractVote'> = {
  nextBallot: ({ library }, { first, second }) => {
    const ballot = library.votes.next(first, second);
    return { ...(ballot && { ballot }), result: library.votes.result(first, second) };
  },
  castVote: ({ library, changed }, vote) => {
    const result = library.votes.cast(vote);
    changed('votes');
    return result;
  },
  retractVote: ({ library, changed }, vote) => {
    const result = library.votes.retract(vote);
    changed('votes');
    return result;
  },
};
