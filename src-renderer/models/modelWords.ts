import type { ModelRecord } from '../../src-shared/modelRecord.ts';
import { formatCount } from '../ui/format.ts';

/** What a checkpoint is, in words. */

const families: Readonly<Record<NonNullable<ModelRecord['family']>, string>> = {
  sd1: 'Stable Diffusion 1',
  sd2: 'Stable Diffusion 2',
};

export function familyName(family: ModelRecord['family']): string {
  return family ? families[family] : 'Unknown family';
}

/** "860 million", "1.2 billion"; few ones in full. */
export function parametersText(parameters: number): string {
  if (parameters >= 1e9) return `${(parameters / 1e9).toFixed(1)} billion`;
  if (parameters >= 1e6) return `${(parameters / 1e6).toFixed(parameters < 1e7 ? 1 : 0)} million`;
  return parameters.toLocaleString('en-US');
}

const numberKinds: Readonly<Record<string, string>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
};

/** The kinds of its numbers, the most frequent first: "float16", or with how many tensors where there are several. */
export function dtypesText(dtypes: ModelRecord['dtypes']): string {
  const sorted = Object.entries(dtypes).sort(([, a], [, b]) => b - a);
  const named = sorted.map(([dtype, count]) => ({ name: numberKinds[dtype] ?? dtype, count }));
  if (named.length === 1) return named[0].name;
  return named.map(({ name, count }) => `${name} (${formatCount(count, 'tensor')})`).join(', ');
}

/** What to do about a model that cannot be used. */
export function adviceFor(problem: string): string {
  if (/no longer where it was/.test(problem)) return 'Its concepts and pictures are kept.';
  if (/missing/i.test(problem)) {
    return 'The file is incomplete, or a part of a model: add the whole checkpoint, or the folder that holds all parts.';
  }
  return 'Tessera takes Stable Diffusion 1 and 2: one .safetensors file with the whole checkpoint, or a diffusers folder.';
}
