import { conceptNaming, trainingSettings } from '../../src-shared/conceptRecord.ts';
import type { TrainingPhoto } from '../../src-shared/photo.ts';
import type { StudioInput } from '../../src-shared/studioApi.ts';
import { trainingRequest } from '../../src-shared/trainingRequest.ts';
import { type Preset, presetSettings, previewSteps, type SettingsInput } from './presets.ts';

/** A concept that is being described, before it is trained. */

export interface DraftPhoto {
  readonly key: string;
  /** As the user knows the file. */
  readonly name: string;
  /** Share of the file that has been sent, 0 to 1. */
  readonly share: number;
  readonly photo?: TrainingPhoto;
  /** What the studio proposed, to go back to. */
  readonly suggestedCrop?: TrainingPhoto['crop'];
  /** Why it cannot be used. */
  readonly reason?: string;
}

export interface ConceptDraft {
  /** Of a concept that is trained anew; its naming stays. */
  readonly conceptId?: string;
  readonly parentId?: string;
  readonly name: string;
  readonly token: string;
  /** Whether the token was written by hand: then the name does not change it any more. */
  readonly ownToken: boolean;
  readonly classWord: string;
  readonly tags: readonly string[];
  readonly photos: readonly DraftPhoto[];
  /** The one of the settings where absent. */
  readonly modelId?: string;
  readonly preset: Preset;
  /** What the user said beyond the preset. */
  readonly own: SettingsInput;
  readonly bothWays: boolean;
  readonly previewEvery?: number;
  /** Between previews, instead of steps. */
  readonly previewMinutes?: number;
  readonly previewObject: string;
}

export const emptyDraft: ConceptDraft = {
  name: '',
  token: '',
  ownToken: false,
  classWord: '',
  tags: [],
  photos: [],
  preset: 'balanced',
  own: { method: 'textual-inversion' },
  bothWays: true,
  previewObject: 'backpack',
};

/** What else the studio must know to read a draft. */
export interface DraftSurroundings {
  readonly modelId: string | undefined;
  readonly builtIn: boolean;
  /** Steps between previews, of the studio's settings. */
  readonly previewEvery: number;
}

/** The preset with what the user said beyond it. */
export function settingsOf(
  { own, preset }: Pick<ConceptDraft, 'own' | 'preset'>,
  builtIn: boolean,
): SettingsInput {
  const { method = 'textual-inversion' } = own;
  return { ...presetSettings(method, preset, builtIn), ...defined(own) };
}

/** Photos that can be trained on. */
export function readyPhotos({ photos }: Pick<ConceptDraft, 'photos'>): TrainingPhoto[] {
  return photos.flatMap(({ photo }) => (photo ? [photo] : []));
}

/** Whether a second, plain training makes sense: it would be the same without anchors. */
export function trainsBothWays({ bothWays, own }: Pick<ConceptDraft, 'bothWays' | 'own'>): boolean {
  return bothWays && own.anchors?.kind !== 'none';
}

export function requestOf(
  draft: ConceptDraft,
  { modelId = '', builtIn, previewEvery }: DraftSurroundings,
): StudioInput<'startTraining'> {
  const settings = settingsOf(draft, builtIn);
  const { name, token, classWord, tags, conceptId } = draft;
  return {
    concept: conceptId ? { id: conceptId } : { name, token, classWord, tags: [...tags] },
    modelId,
    photos: readyPhotos(draft),
    settings,
    bothWays: trainsBothWays(draft),
    previewEvery: draft.previewEvery ?? previewSteps(settings.steps ?? 500, builtIn, previewEvery),
    ...(draft.previewMinutes !== undefined && { previewMinutes: draft.previewMinutes }),
    previewObject: draft.previewObject,
    ...(draft.parentId && { parentId: draft.parentId }),
  };
}

/** What is wrong with a draft: field -> why. Fields of the settings are called "settings.steps" and the like. */
export type DraftProblems = Readonly<Record<string, string>>;

export function problemsOf(draft: ConceptDraft, surroundings: DraftSurroundings): DraftProblems {
  const { name, token, classWord, conceptId, photos, previewObject } = draft;
  const naming = conceptNaming.safeParse({ name, token, classWord });
  const settings = trainingSettings.safeParse(settingsOf(draft, surroundings.builtIn));
  const minutes = trainingRequest.shape.previewMinutes.safeParse(draft.previewMinutes);
  const usable = readyPhotos(draft).length;
  return {
    ...(!conceptId && issuesOf(naming.error)),
    ...prefixed('settings.', issuesOf(settings.error)),
    ...(usable === 0 && { photos: 'Add at least one photo; 3 to 8 work best.' }),
    ...(usable > mostPhotos && { photos: `At most ${mostPhotos} photos can be trained on.` }),
    ...(photos.some(isOnItsWay) && { photos: 'Some photos are still being read.' }),
    ...(!surroundings.modelId && { modelId: 'Choose a model.' }),
    ...(minutes.error && { previewMinutes: minutes.error.issues[0].message }),
    ...(previewObject.trim() === '' && { previewObject: 'expected a word such as "backpack"' }),
  };
}

export const mostPhotos = 50;

function isOnItsWay({ photo, reason }: DraftPhoto): boolean {
  return !photo && !reason;
}

/** A draft whose files are not being read any more: those that were not read say so, and hold nothing up. */
export function withoutUnread(draft: ConceptDraft): ConceptDraft {
  const reason = 'it was not read to its end: add it once more';
  return {
    ...draft,
    photos: draft.photos.map((photo) => (isOnItsWay(photo) ? { ...photo, reason } : photo)),
  };
}

interface Issues {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}

function issuesOf(error: Issues | undefined): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { path, message } of error?.issues ?? []) found[String(path[0] ?? '')] ??= message;
  return found;
}

function prefixed(prefix: string, problems: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(problems).map(([field, why]) => [`${prefix}${field}`, why]),
  );
}

/** Without the fields that are undefined: they would hide what a preset says. */
function defined(settings: SettingsInput): SettingsInput {
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined),
  ) as SettingsInput;
}
