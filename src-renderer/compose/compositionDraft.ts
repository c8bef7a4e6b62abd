import type { CompositionSettings } from '../../src-shared/composition.ts';
import type { Layout } from '../../src-shared/layout.ts';
import type { StudioInput } from '../../src-shared/studioApi.ts';

/** What the user is composing, as the screens hold it: everything of a composition but its boxes. */

export interface ConceptChoice {
  /** The newest that fits where absent. */
  readonly versionId?: string;
  readonly strength: number;
}

type Sampling = Pick<
  CompositionSettings,
  | 'prompt'
  | 'negative'
  | 'sampler'
  | 'karras'
  | 'steps'
  | 'guidance'
  | 'seed'
  | 'spatial'
  | 'official'
  | 'layoutLoss'
  | 'guidedSteps'
  | 'layoutUpdates'
  | 'layoutThreshold'
>;

export interface CompositionDraft extends Sampling {
  /** The one of the settings where absent, else the built-in one. */
  readonly modelId?: string;
  /** The model's own where absent. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Whether every picture starts from the same noise. */
  readonly seedLocked: boolean;
  /** By token; stays while a token is cut out and pasted back. */
  readonly choices: Readonly<Record<string, ConceptChoice>>;
}

export type DraftSettings = StudioInput<'composePreview'>['settings'];

/** Seeds are drawn and typed in this range: ten digits, as other programs have it. */
export const largestSeed = 4_294_967_295;

export const asTrained: ConceptChoice = { strength: 1 };

export const firstDraft: CompositionDraft = {
  prompt: '',
  negative: '',
  sampler: 'dpmpp2m',
  karras: false,
  steps: 25,
  guidance: 7.5,
  seed: 0,
  seedLocked: true,
  spatial: true,
  official: false,
  layoutLoss: 'layout',
  layoutUpdates: 5,
  layoutThreshold: 0.2,
  choices: {},
};

/** Goes on from a picture: with its seed, so that what changes is what is changed. */
export function draftOfSettings(settings: CompositionSettings): CompositionDraft {
  const { concepts, layout: _, ...sampling } = settings;
  const choices = concepts.map(({ token, versionId, strength }) => {
    return [token, { versionId, strength }] as const;
  });
  return { ...sampling, seedLocked: true, choices: Object.fromEntries(choices) };
}

/** A prompt to begin with: the concept beside something else, which is what the studio is for. */
export function promptFor({ token, classWord }: { token: string; classWord: string }): string {
  const other = classWord === 'backpack' ? 'cup' : 'backpack';
  return `a ${token} ${classWord} and a ${other}`;
}

/** What is sent: the draft with the versions of its concepts and the boxes whose words stand in the prompt. */
export function settingsOf(
  draft: CompositionDraft,
  modelId: string,
  concepts: DraftSettings['concepts'],
  layout: Layout | undefined,
): DraftSettings {
  const { seedLocked: _, choices: _choices, size, ...sampling } = draft;
  return { ...sampling, modelId, concepts, ...(size && { size }), ...(layout && { layout }) };
}

/** @param random 0 to 1, 1 excluded */
export function seedFrom(random: number): number {
  return Math.floor(random * (largestSeed + 1));
}

/** What the user typed as a seed; undefined where it is none. */
export function parseSeed(text: string): number | undefined {
  const trimmed = text.trim();
  if (!/^\d{1,16}$/.test(trimmed)) return undefined;
  const seed = Number(trimmed);
  return Number.isSafeInteger(seed) ? seed : undefined;
}
