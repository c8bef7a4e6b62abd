import { composedPicture, type KeptComposition } from '../../src-shared/composition.ts';
import type { ConceptDetail } from '../../src-shared/conceptRecord.ts';
import type { LayoutPrior } from '../../src-shared/layout.ts';
import type { CallProgress } from '../../src-shared/studioEvent.ts';
import { call, StudioCallError } from '../studioApi.ts';
import {
  type ComposeTask,
  changeDraft,
  changeView,
  composeStore,
  editBoxes,
} from './composeStore.ts';
import {
  asTrained,
  type DraftSettings,
  draftOfSettings,
  promptFor,
  seedFrom,
} from './compositionDraft.ts';
import { medianLayout } from './medianLayout.ts';

/** What the screen can have done. Work goes on while another screen is shown. */

let running: AbortController | undefined;

/** Composes a picture; ends what is still being composed. */
export function composePicture(settings: DraftSettings): Promise<void> {
  return work('compose', 'The picture was not composed', async (options) => {
    const picture = await call('composePreview', { settings }, options);
    return { picture, isKept: false, notes: picture.notes ?? [] };
  });
}

/**
 * Asks the model where it would put the things of the prompt.
 *
 * @param objects phrases to place; the model's own guess where absent
 * @param shuffle one of the sampled layouts instead of their middle
 */
export function suggestLayout(
  settings: DraftSettings,
  objects: readonly string[] | undefined,
  shuffle: boolean,
): Promise<void> {
  const { prior } = composeStore.get();
  const known = prior !== undefined && isPriorOf(prior, settings.prompt, objects);
  return work('suggest', 'No layout was suggested', async (options) => {
    const input = {
      // The seed decides which of the sampled layouts is drawn.
      settings: shuffle ? { ...settings, seed: drawSeed() } : settings,
      ...(objects && { objects: [...objects] }),
      shuffle,
      ...(shuffle && known && { prior }),
    };
    const suggested = await call('suggestLayout', input, options);
    editBoxes({ type: 'replace', layout: suggested.layout });
    return { prior: suggested.prior, notes: suggested.notes };
  });
}

/** Shows a kept prior, and its layout: of each thing the middle of its boxes. */
export function loadPrior(prior: LayoutPrior): void {
  composeStore.set({ prior, failure: undefined, notes: [] });
  changeView({ heat: true });
  editBoxes({ type: 'replace', layout: medianLayout(prior) });
}

export function cancelTask(): void {
  running?.abort();
}

/** A new seed, also where it is locked: this is what the user asks for. */
export function rollSeed(): number {
  const seed = drawSeed();
  changeDraft({ seed });
  return seed;
}

export async function keepPicture(): Promise<KeptComposition> {
  const { picture } = composeStore.get();
  if (!picture) throw new Error('internal: there is no picture to keep');
  const kept = await call('keepComposition', { picture });
  // Meanwhile another picture may have come.
  composeStore.set((state) => (state.picture === picture ? { isKept: true } : {}));
  return kept;
}

/** Goes on from a kept picture. @param vary composes it from another seed */
export function loadComposition(kept: KeptComposition, vary: boolean): void {
  cancelTask();
  const layout = kept.layout ?? kept.settings.layout;
  composeStore.set({
    draft: draftOfSettings(kept.settings),
    picture: pictureOf(kept),
    isKept: true,
    failure: undefined,
    notes: [],
    prior: undefined,
  });
  editBoxes({ type: 'replace', layout });
  if (vary) void composePicture({ ...kept.settings, ...(layout && { layout }), seed: rollSeed() });
}

/** Begins anew with concepts: each beside something else, or side by side. */
export function loadConcepts(concepts: readonly ConceptDetail[], versionIds: readonly string[]) {
  if (concepts.length === 0) return;
  const names = concepts.map(({ token, classWord }) => `a ${token} ${classWord}`);
  const prompt = concepts.length === 1 ? promptFor(concepts[0]) : names.join(' and ');
  const choices = concepts.map(({ token, versionList }) => {
    const version = versionList.find(({ id }) => versionIds.includes(id));
    return [token, { ...asTrained, ...(version && { versionId: version.id }) }] as const;
  });
  const modelId = concepts[0].versionList[0]?.modelId;
  changeDraft({ prompt, choices: Object.fromEntries(choices), ...(modelId && { modelId }) });
  composeStore.set({ failure: undefined, notes: [], prior: undefined });
  editBoxes({ type: 'replace', layout: undefined });
}

type Outcome = Parameters<typeof composeStore.set>[0];

/** Runs one piece of work at a time; of an older one nothing is heard any more. */
async function work(
  kind: ComposeTask['kind'],
  title: string,
  run: (options: {
    signal: AbortSignal;
    onProgress: (progress: CallProgress) => void;
  }) => Promise<Outcome>,
): Promise<void> {
  running?.abort();
  const controller = new AbortController();
  running = controller;
  const isLatest = () => running === controller;
  composeStore.set({ task: { kind }, failure: undefined, notes: [] });
  try {
    const outcome = await run({
      signal: controller.signal,
      onProgress: (progress) => isLatest() && composeStore.set({ task: { kind, progress } }),
    });
    if (isLatest()) composeStore.set(outcome);
  } catch (cause) {
    if (isLatest() && !wasCancelled(cause)) composeStore.set({ failure: { title, cause } });
  } finally {
    if (isLatest()) composeStore.set({ task: undefined });
  }
}

export function wasCancelled(cause: unknown): boolean {
  return cause instanceof StudioCallError && cause.kind === 'cancelled';
}

function drawSeed(): number {
  return seedFrom(Math.random());
}

function isPriorOf(
  prior: { readonly prompt: string; readonly objects: readonly string[] },
  prompt: string,
  objects: readonly string[] | undefined,
): boolean {
  const sameObjects = objects === undefined || objects.join('\n') === prior.objects.join('\n');
  return sameObjects && (prior.prompt === prompt || prior.objects.every((o) => prompt.includes(o)));
}

/** Without what only kept pictures have. */
export function pictureOf(kept: KeptComposition) {
  const names = Object.keys(composedPicture.shape);
  const fields = Object.entries(kept).filter(([name]) => names.includes(name));
  return composedPicture.parse(Object.fromEntries(fields));
}
