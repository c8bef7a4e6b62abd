import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type * as z from 'zod';
import type { CaseReporter } from './caseReporter.ts';
import type { VerificationContext } from './context.ts';
import { GoldenFile } from './goldenFile.ts';
import { parseGolden, readGoldenJson } from './goldenIndex.ts';

/** A description with its tensors, of which every one will be accounted for. */
export interface SharedPair<T> {
  readonly index: T;
  readonly file: GoldenFile;
}

/**
 * "<name>.json" with "<name>.safetensors" beside the golden folder. Reported where one of them is missing or
 * damaged.
 */
export function openShared<T>(
  { sharedFolder }: VerificationContext,
  cases: CaseReporter,
  name: string,
  schema: z.ZodType<T>,
): SharedPair<T> | undefined {
  const [indexPath, tensorPath] = ['json', 'safetensors'].map((end) =>
    join(sharedFolder, `${name}.${end}`),
  );
  const missing = [indexPath, tensorPath].find((path) => !existsSync(path));
  if (missing !== undefined) {
    cases.unsupported(name, `${missing} is not there`);
    return undefined;
  }
  return cases.read({ name }, () => {
    const index = parseGolden(schema, readGoldenJson(indexPath), indexPath);
    return { index, file: cases.account(new GoldenFile(tensorPath, name)) };
  });
}

/** Names of the JSON files beside the golden folder that begin so, without their ending. */
export function sharedNames({ sharedFolder }: VerificationContext, beginning: string): string[] {
  return readdirSync(sharedFolder)
    .filter((name) => name.startsWith(beginning) && name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();
}
