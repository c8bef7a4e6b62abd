import { expect, it } from 'vitest';
import { summary } from '../../src-main/cli/train.ts';
import type { TrainedConcept } from '../../src-shared/api.ts';
import type { ConceptDrift } from '../../src-shared/concept.ts';

function linesFor(drift: ConceptDrift): string[] {
  const figures = { steps: 300, loss: 0.1234, seconds: 75, peakMemory: 350e6 };
  const trained: TrainedConcept = {
    ...{ concept: 'cat.safetensors', variant: 'semantic', drift, ...figures },
    anchors: [{ word: 'cat', share: 0.72 }],
  };
  return summary({ trained });
}

it('tells a training by cosine and length, and the rank among the words only below its end', () => {
  expect(linesFor({ classCosine: 0.584, normRatio: 3.91, percentile: 100 })).toEqual([
    'cat.safetensors (semantic): 300 steps in 1 min 15 s, loss 0.123, 350 MB of memory',
    '  cosine to the class word 0.58, 3.91 times as long as a mean word',
    '  anchors: 0.72 cat',
  ]);
  expect(linesFor({ normRatio: 1, percentile: 82.4 })[1]).toBe(
    '  1 times as long as a mean word, farther out than 82.4 % of the words',
  );
});
