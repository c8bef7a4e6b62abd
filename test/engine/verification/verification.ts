import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { openCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts';
import { openSafetensors } from '../../../src-main/engine/checkpoint/safetensors.ts';
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
export async function verify(
  model: string,
  goldenFolder: string,
  only?: readonly string[],
): Promise<Verified> {
  const results: CaseResult[] = [];
  const counts = await verifyGolden({
    checkpoint: openCheckpoint(join(goldenRoot, model)),
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

interface IndexFile {
  files: Record<string, Record<string, object>>;
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

  changeIndex(change: (index: IndexFile) => void): void {
    const index = this.#readIndex(this.path('index.json'));
    change(index);
    this.#writeIndex(index);
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

  #writeIndex(index: IndexFile): void {
    writeFileSync(this.path('index.json'), JSON.stringify(index));
  }
}
