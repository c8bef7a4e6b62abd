import type { ForeignConcept } from '../../src-shared/concept.ts';
import type { ConceptSummary } from '../../src-shared/conceptRecord.ts';
import type { BlobHash } from '../../src-shared/ids.ts';
import { createStore } from '../compose/createStore.ts';
import { call, StudioCallError, uploadBlob } from '../studioApi.ts';
import { fileRefusal } from '../ui/fileRefusal.ts';

/** Concept files on their way into the library, one after the other. They go on whichever screen is shown. */

/** A concept of another program, which waits for its words. */
export interface ForeignFile {
  readonly blob: BlobHash;
  /** Of the file. */
  readonly name: string;
  readonly foreign: ForeignConcept;
}

export interface ImportsState {
  /** The file that is taken in now, and the share of it that has been sent, 0 to 1. */
  readonly current?: { readonly name: string; readonly share: number } | undefined;
  /** How many come after it. */
  readonly more: number;
  /** What is asked about, one after the other. */
  readonly asked: readonly ForeignFile[];
}

export interface ImportNews {
  imported(concept: ConceptSummary): void;
  refused(name: string, why: string): void;
}

export const importStore = createStore<ImportsState>({ more: 0, asked: [] });

let stop = new AbortController();
/** Ends with the files that were given last. */
let work: Promise<void> = Promise.resolve();

/** @param limit bytes that may be sent; undefined while it is not known */
export function importConcepts(
  files: readonly File[],
  limit: number | undefined,
  news: ImportNews,
): void {
  importStore.set(({ more }) => ({ more: more + files.length }));
  const { signal } = stop;
  for (const file of files) work = work.then(() => importOne(file, limit, news, signal));
}

/** Gives up the file that is on its way, and those behind it. */
export function cancelImports(): void {
  stop.abort();
  stop = new AbortController();
}

/** What is asked about next, once all files are there: weights before the words that they may have been trained with. */
export function nextAsked({ current, more, asked }: ImportsState): ForeignFile | undefined {
  if (current || more > 0) return undefined;
  return asked.find(({ foreign }) => !foreign.hasWord) ?? asked[0];
}

/** The question about these files has its answer. */
export function answerImport(blobs: readonly BlobHash[]): void {
  importStore.set(({ asked }) => ({ asked: asked.filter(({ blob }) => !blobs.includes(blob)) }));
}

/**
 * Takes in the file of a word that weights were trained with.
 *
 * @throws where it is none
 */
export async function readWordFile(file: File, limit: number | undefined): Promise<ForeignFile> {
  const { name } = file;
  const refusal = fileRefusal(file, limit);
  if (refusal) throw new Error(refusal);
  const blob = await uploadBlob(file);
  const { foreign } = await call('readForeign', { blob, name });
  if (foreign?.hasWord) return { blob, name, foreign };
  throw new Error(`${name} is no textual inversion: expected the file of the word alone`);
}

async function importOne(
  file: File,
  limit: number | undefined,
  news: ImportNews,
  signal: AbortSignal,
): Promise<void> {
  const { name } = file;
  const show = (share: number) => importStore.set({ current: { name, share } });
  importStore.set(({ more }) => ({ more: more - 1 }));
  if (signal.aborted) return;
  show(0);
  try {
    const refusal = fileRefusal(file, limit);
    if (refusal) throw new Error(refusal);
    const blob = await uploadBlob(file, { signal, onProgress: show });
    const { foreign } = await call('readForeign', { blob, name }, { signal });
    if (foreign) importStore.set(({ asked }) => ({ asked: [...asked, { blob, name, foreign }] }));
    else news.imported(await call('importConcept', { blob, name }, { signal }));
  } catch (error) {
    if (error instanceof StudioCallError && error.kind === 'cancelled') return;
    news.refused(name, error instanceof Error ? error.message : String(error));
  } finally {
    importStore.set({ current: undefined });
  }
}
