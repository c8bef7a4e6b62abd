import type { DiffusionModel } from '../diffusion/model.ts';
import { vocabularyKey, vocabularyTable } from '../diffusion/vocabulary.ts';
import { replaceWeights } from '../nn/weights.ts';
import { input } from '../tensor/ops/input.ts';
import { mul } from '../tensor/ops/mul.ts';
import { float32Data } from '../tensor/tensorData.ts';

/** A model whose whole vocabulary shrinks as training goes on. */
export interface DecayingVocabulary {
  readonly model: DiffusionModel;
  /** One optimiser step of that learning rate. */
  decay(learningRate: number): void;
  /** What became of words' rows by now. */
  apply(rows: Float32Array): Float32Array;
}

/**
 * The released Custom Diffusion and DreamBooth scripts give AdamW the whole vocabulary and only silence the gradients
 * of other words, so that its decoupled decay shrinks all of them in every step. Training proper does not do this; it is
 * here to reproduce the script to the letter.
 */
export function decayingVocabulary(model: DiffusionModel, weightDecay: number): DecayingVocabulary {
  const factors: number[] = [];
  const table = mul(vocabularyTable(model), input('vocabularyScale', [1]));
  const replaced = new Map([[vocabularyKey, table]]);
  return {
    model: {
      ...model,
      weights: {
        ...model.weights,
        textEncoder: replaceWeights(model.weights.textEncoder, replaced),
      },
      compile: async (graph, options) => {
        const executable = await model.compile(graph, options);
        const scale = () =>
          Float32Array.of(factors.reduce((product, factor) => product * factor, 1));
        return {
          run: (values) =>
            executable.run({ ...values, vocabularyScale: float32Data([1], scale()) }),
          release: () => executable.release(),
        };
      },
    },
    decay: (learningRate) => {
      factors.push(Math.fround(1 - learningRate * weightDecay));
    },
    // the parameter is float32: each step rounds
    apply: (rows) =>
      rows.map((value) => factors.reduce((scaled, factor) => Math.fround(scaled * factor), value)),
  };
}
