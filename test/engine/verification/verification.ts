import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { openCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts';
import { openSafetensors, readTensor } from '../../../src-main/engine/files/safetensors.ts';
import { writeSafetensors } from '../../../src-main/engine/files/writeSafetensors.ts';
import type { TensorData } from '../../../src-main/engine/tensor/tensorData.ts';
import type { CaseResult } from '../../../src-main/engine/verification/caseResult.ts';
import { verifyGolden } from '../../../src-main/engine/verification/verifyGolden.ts';
import { compile } from '../../support/tinyModel.ts';

/** The committed reference files; the verification must not find those of a complete set beside the checkout. */
export const goldenRoot = resolve(import.meta.dirname, '../../golden');

export interface Verified {
  readonly results: readonly CaseResult[];
  readonly byName: ReadonlyMap<string, CaseResult>;
  readonly counts: Awaited<ReturnType<typeof verifyGolden>>;
}

/** Verifies a committed checkpoint on the real runtime. */
export function verify(
  model: string,
  goldenFolder: string,
  only?: readonly string[],
): Promise<Verified> {
  return verifyAt(join(goldenRoot, model), goldenFolder, only);
}

/** Verifies any checkpoint on the real runtime. */
export async function verifyAt(
  path: string,
  goldenFolder: string,
  only?: readonly string[],
): Promise<Verified> {
  const results: CaseResult[] = [];
  const counts = await verifyGolden({
    checkpoint: openCheckpoint(path),
    goldenFolder,
    compile,
    only,
    onCase: (result) => results.push(result),
  });
  return { results, counts, byName: new Map(results.map((result) => [result.name, result])) };
}

export function withStatus(results: readonly CaseResult[], status: CaseResult['status']) {
  return results.filter((result) => result.status === status);
}

/** An empty folder of that name for the time of a test. */
export function temporaryFolder(name: string): string {
  const parent = mkdtempSync(join(tmpdir(), 'verification-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  const folder = join(parent, name);
  mkdirSync(folder);
  return folder;
}

export interface IndexFile {
  files: Record<string, Record<string, object>>;
  [section: string]: unknown;
}

/** A copy of some committed files of tiny-sd1-golden, to be spoiled. */
export class GoldenCopy {
  readonly folder: string;

  constructor(...names: readonly string[]) {
    this.folder = temporaryFolder('copy-golden');
    for (const name of names) {
      cpSync(join(goldenRoot, 'tiny-sd1-golden', name), join(this.folder, name));
    }
    const index = this.#readIndex(join(goldenRoot, 'tiny-sd1-golden', 'index.json'));
    const kept = Object.entries(index.files).filter(([name]) => names.includes(name));
    this.#writeIndex({ ...index, files: Object.fromEntries(kept) });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** @param name of another index, that of train or sample */
  changeIndex(change: (index: IndexFile) => void, name = 'index.json'): void {
    const index = this.#readIndex(this.path(name));
    change(index);
    this.#writeIndex(index, name);
  }

  /** Replaces, adds or, with `undefined`, takes away tensors; the index is left as it is. */
  changeTensors(name: string, changes: Readonly<Record<string, TensorData | undefined>>): void {
    const file = openSafetensors(this.path(name));
    const stored = [...file.tensors.keys()].map((key) => [key, readTensor(file, key)] as const);
    const tensors = Object.entries({ ...Object.fromEntries(stored), ...changes });
    const kept = tensors.flatMap(([key, data]) => (data ? [[key, data] as const] : []));
    writeSafetensors(this.path(name), new Map(kept));
  }

  /** Overwrites one element of a float32 tensor. */
  changeNumber(
    name: string,
    key: string,
    element: number,
    change: (value: number) => number,
  ): void {
    const { offset } = openSafetensors(this.path(name)).tensors.get(key)!;
    const bytes = readFileSync(this.path(name));
    const place = offset + 4 * element;
    bytes.writeFloatLE(change(bytes.readFloatLE(place)), place);
    writeFileSync(this.path(name), bytes);
  }

  #readIndex(path: string): IndexFile {
    return JSON.parse(readFileSync(path, 'utf8'));
  }

  #writeIndex(index: IndexFile, name = 'index.json'): void {
    writeFileSync(this.path(name), JSON.stringify(index));
  }
}
