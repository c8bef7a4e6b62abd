import type { ComparisonWay, ComposedPicture } from '../../src-shared/composition.ts';
import type { DraftSettings } from '../compose/compositionDraft.ts';
import { createStore } from '../compose/createStore.ts';

/** The comparison that is shown, and the one that is being made. Outlives the screen. */

export type Pictures = Partial<Readonly<Record<ComparisonWay, ComposedPicture>>>;

export interface CompareTask {
  /** What is being made now. */
  readonly phase: string;
  /** Of all pictures of all seeds, and of a layout for each where none is drawn. */
  readonly done: number;
  readonly total: number;
  /** Seconds until all of it is done, by the pace until now. */
  readonly timeLeft?: number;
  /** Seeds of a batch; 1 for a single comparison. */
  readonly seeds: number;
}

/** A batch that was ended before its last seed. */
export interface UnfinishedBatch {
  readonly settings: DraftSettings;
  /** Of the whole batch. */
  readonly seeds: number;
  /** Those that are kept. */
  readonly done: number;
}

export type CompareView = 'grid' | 'slider' | 'attention' | 'votes';

export interface CompareState {
  readonly pictures: Pictures;
  readonly isKept: boolean;
  readonly task?: CompareTask;
  readonly unfinished?: UnfinishedBatch;
  readonly failure?: { readonly title: string; readonly cause: unknown };
  readonly view: CompareView;
  /** Of the slider and of votes. */
  readonly first: ComparisonWay;
  readonly second: ComparisonWay;
}

export const compareStore = createStore<CompareState>({
  pictures: {},
  isKept: false,
  view: 'grid',
  first: 'plain',
  second: 'both',
});
