import * as z from 'zod';
import { comparisonWays, composedPicture } from '../../src-shared/composition.ts';
import { studioApi } from '../../src-shared/studioApi.ts';
import { recall, remember } from '../ui/windowMemory.ts';
import { type CompareState, compareStore } from './compareStore.ts';

/** A reload of the window must not cost the comparison that is shown, nor end a batch without a word. */

const rememberedPictures = z.object({
  pictures: z.partialRecord(z.enum(comparisonWays), composedPicture),
  isKept: z.boolean(),
});
const rememberedBatch = z.object({
  settings: studioApi.compare.input.shape.settings,
  seeds: z.int().positive(),
  done: z.int().nonnegative(),
});

const picturesKey = 'tessera.compare.pictures';
const batchKey = 'tessera.compare.batch';

/** Goes on from what the window held before it was loaded anew, and remembers what comes. */
export function rememberComparison(): void {
  const shown = recall(picturesKey, rememberedPictures);
  const unfinished = recall(batchKey, rememberedBatch);
  compareStore.set({ ...shown, ...(unfinished && { unfinished }) });
  let last = compareStore.get();
  compareStore.subscribe(() => {
    const state = compareStore.get();
    store(state, last);
    last = state;
  });
}

function store({ pictures, isKept, unfinished }: CompareState, last: CompareState): void {
  if (pictures !== last.pictures || isKept !== last.isKept) {
    remember(picturesKey, { pictures, isKept });
  }
  if (unfinished !== last.unfinished) remember(batchKey, unfinished);
}
