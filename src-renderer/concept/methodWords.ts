import type { StoredVariant, TrainingMethod } from '../../src-shared/concept.ts';

/** Methods and variants in words. */

export interface MethodWords {
  readonly name: string;
  /** For cards. */
  readonly short: string;
  /** What it does and what it is good for, in a sentence or two. */
  readonly sentence: string;
}

export const methodWords: Readonly<Record<TrainingMethod, MethodWords>> = {
  'textual-inversion': {
    name: 'Textual inversion',
    short: 'Textual inversion',
    sentence: 'Learns one new word and leaves the model as it is. Small, safe, mixes best.',
  },
  'custom-diffusion': {
    name: 'Custom Diffusion',
    short: 'Custom Diffusion',
    sentence: 'Also learns how pictures listen to words. Closer likeness, a larger file.',
  },
  'lora-dreambooth': {
    name: 'DreamBooth LoRA',
    short: 'LoRA',
    sentence: 'Adjusts the model in many small places. Closest likeness, overfits soonest.',
  },
  dreambooth: {
    name: 'DreamBooth',
    short: 'DreamBooth',
    sentence: 'Trains the whole image network. Large files and much memory.',
  },
};

/** The three that the form offers; whole DreamBooth stands behind "Advanced". */
export const offeredMethods = ['textual-inversion', 'custom-diffusion', 'lora-dreambooth'] as const;

export const variantWords: Readonly<Record<StoredVariant, { name: string; sentence: string }>> = {
  plain: { name: 'Plain', sentence: 'Trained as the method was published, without anchors.' },
  semantic: {
    name: 'Semantic',
    sentence: 'Held by anchors among the words that the model knows.',
  },
  foreign: { name: 'Foreign', sentence: 'Another program trained it. How is not known.' },
};
