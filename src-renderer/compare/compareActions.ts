import { type ComparisonWay, comparisonWays } from '../../src-shared/composition.ts';
import type { StudioInput } from '../../src-shared/studioApi.ts';
import type { CallProgress } from '../../src-shared/studioEvent.ts';
import { loadComposition, pictureOf, wasCancelled } from '../compose/composeActions.ts';
import { type DraftSettings, seedFrom } from '../compose/compositionDraft.ts';
import { openForComposing } from '../compose/useOpening.ts';
import { call } from '../studioApi.ts';
import {
  type CompareTask,
  compareStore,
  type Pictures,
  type UnfinishedBatch,
} from './compareStore.ts';
import { createPace } from './pace.ts';
import { wayNames } from './ways.ts';

/** What the screen can have done. Work goes on while another screen is shown. */

let running: AbortController | undefined;

/** Composes the same seed four ways; each picture shows as soon as it is there. */
export function compareOnce(settings: DraftSettings): Promise<void> {
  return work(async (signal, report) => {
    compareStore.set({ pictures: {}, isKept: false, unfinished: undefined });
    const total = partsOf(settings);
    await compareSeed(settings, signal, report({ first: 0, total, seeds: 1, name: 'Composing: ' }));
  });
}

/**
 * Compares several seeds, the draft's and drawn ones, and keeps each in the gallery for voting.
 *
 * @param seeds how many
 * @param done those of them that are kept already
 */
export function compareBatch(settings: DraftSettings, seeds: number, done = 0): Promise<void> {
  const parts = partsOf(settings);
  return work(async (signal, report) => {
    for (let index = done; index < seeds; index++) {
      compareStore.set({ unfinished: { settings, seeds, done: index } });
      const seed = index === 0 ? settings.seed : seedFrom(Math.random());
      compareStore.set({ pictures: {}, isKept: false });
      const name = `Seed ${index + 1} of ${seeds}: `;
      const tell = report({ first: index * parts, total: seeds * parts, seeds, name });
      await compareSeed({ ...settings, seed }, signal, tell);
      await keepComparison();
    }
    compareStore.set({ unfinished: undefined });
  });
}

/** Makes the seeds that a batch still lacks. */
export function goOnWithBatch({ settings, seeds, done }: UnfinishedBatch): Promise<void> {
  return compareBatch(settings, seeds, done);
}

/** Leaves a batch as it is; what was made of it is in the gallery. */
export function dropBatch(): void {
  compareStore.set({ unfinished: undefined });
}

export function cancelComparison(): void {
  running?.abort();
}

export async function keepComparison(): Promise<void> {
  const { pictures } = compareStore.get();
  await call('keepComparison', comparisonOf(pictures));
  compareStore.set((state) => (state.pictures === pictures ? { isKept: true } : {}));
}

/** The comparison as one picture; @returns its hash */
export async function drawSheet() {
  const { picture } = await call('comparisonSheet', comparisonOf(compareStore.get().pictures));
  return picture;
}

/** Shows the comparison that an address names, or begins one with its concepts or picture. */
export function openForComparing(search: string): Promise<void> {
  const comparison = new URLSearchParams(search).get('comparison');
  return comparison ? loadComparison(comparison) : openForComposing(search);
}

/** Shows a comparison of the gallery, and goes on from its settings. */
async function loadComparison(comparisonId: string): Promise<void> {
  const list = await call('listCompositions', { comparisonId });
  // A list tells less of each picture: not where the attention lay.
  const compositions = await Promise.all(
    list.compositions.map(({ id }) => call('getComposition', { id })),
  );
  if (compositions.length === 0) {
    throw new Error('The gallery does not hold this comparison any more. Compare anew.');
  }
  cancelComparison();
  loadComposition(compositions.find(({ way }) => way === 'both') ?? compositions[0], false);
  const entries = compositions.flatMap((kept) =>
    kept.way ? [[kept.way, pictureOf(kept)] as const] : [],
  );
  compareStore.set({ pictures: Object.fromEntries(entries), isKept: true, failure: undefined });
}

/** Pictures of a seed, and the layout before them where the model is to propose it. */
function partsOf({ layout }: DraftSettings): number {
  return comparisonWays.length + (layout ? 0 : 1);
}

type Report = (done: number, phase: string, progress?: CallProgress) => void;

/** One call per way, so that the first pictures can be looked at while the last ones are made. */
async function compareSeed(
  settings: DraftSettings,
  signal: AbortSignal,
  report: Report,
): Promise<void> {
  const layout = await layoutFor(settings, signal, report);
  const before = partsOf(settings) - comparisonWays.length;
  for (const [place, way] of comparisonWays.entries()) {
    const index = before + place;
    const phase = wayNames[way].toLowerCase();
    report(index, phase);
    const input = { settings: { ...settings, layout, spatial: true }, ways: [way] };
    const { ways } = await call('compare', input, {
      signal,
      onProgress: (progress) => report(index, phase, progress),
    });
    const made = ways.map((one) => [one.way, one.picture] as const);
    compareStore.set(({ pictures }) => ({
      pictures: { ...pictures, ...Object.fromEntries(made) } as Pictures,
    }));
  }
}

/** Two of the ways follow a layout and all are measured by it: where none is drawn, the model proposes one. */
async function layoutFor(
  { layout, ...settings }: DraftSettings,
  signal: AbortSignal,
  report: Report,
) {
  if (layout) return layout;
  const phase = 'asking for a layout';
  report(0, phase);
  const suggested = await call(
    'suggestLayout',
    { settings },
    { signal, onProgress: (progress) => report(0, phase, progress) },
  );
  return suggested.layout;
}

interface Part {
  readonly first: number;
  readonly total: number;
  readonly seeds: number;
  readonly name: string;
}

/** Runs one piece of work at a time; of an older one nothing is heard any more. */
async function work(
  run: (signal: AbortSignal, report: (part: Part) => Report) => Promise<void>,
): Promise<void> {
  running?.abort();
  const controller = new AbortController();
  running = controller;
  const isLatest = () => running === controller;
  const pace = createPace();
  let furthest = 0;
  const report =
    ({ first, total, seeds, name }: Part): Report =>
    (done, phase, progress) => {
      const share = progress ? Math.min(1, progress.step / progress.total) : 0;
      // a picture has several phases, each of which begins at nothing
      furthest = Math.max(furthest, first + done + share);
      const finished = furthest;
      const timeLeft = pace(finished, total);
      const task: CompareTask = { phase: name + phase, done: finished, total, seeds, timeLeft };
      if (isLatest()) compareStore.set({ task });
    };
  compareStore.set({ failure: undefined });
  try {
    await run(controller.signal, report);
  } catch (cause) {
    const failure = { title: 'The comparison was not made', cause };
    if (isLatest() && !wasCancelled(cause)) compareStore.set({ failure });
  } finally {
    if (isLatest()) compareStore.set({ task: undefined });
  }
}

function comparisonOf(pictures: Pictures): StudioInput<'keepComparison'> {
  return {
    ways: comparisonWays.flatMap((way: ComparisonWay) => {
      const picture = pictures[way];
      return picture ? [{ way, picture }] : [];
    }),
  };
}
