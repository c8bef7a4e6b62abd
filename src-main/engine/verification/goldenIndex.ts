import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { messageOf } from '../../../src-shared/caught.ts';
import { parseInput } from '../../../src-shared/parseInput.ts';
import { parsePythonJson } from '../files/pythonJson.ts';
import { asGoldenError, type GoldenEntry, GoldenError, GoldenFile } from './goldenFile.ts';

const entrySchema = z
  .object({
    shape: z.array(z.int().nonnegative()),
    meaning: z.string().nullish(),
    tol_rel_l2: z.number().positive('expected a number above 0').nullish(),
    f64: z.string().nullish(),
  })
  .transform(
    ({ shape, meaning, tol_rel_l2: tolerance, f64: float64Key }): GoldenEntry => ({
      shape,
      meaning: meaning ?? undefined,
      tolerance: tolerance ?? undefined,
      float64Key: float64Key ?? undefined,
    }),
  );

/** What an index file says of the tensors of one file. */
export const entriesSchema = z.record(z.string(), entrySchema);

/** What it says of a file is parsed when that is asked for: a fault in it concerns no other. */
const indexSchema = z.looseObject({ files: z.record(z.string(), z.unknown()) });

/** An index.json with the files that it describes. */
export class GoldenIndex {
  readonly path: string;
  readonly #sections: Readonly<Record<string, unknown>>;
  readonly #files: Readonly<Record<string, unknown>>;
  readonly #prefix: string;
  readonly #opened = new Map<string, GoldenFile>();
  readonly #askedFor = new Set<string>();

  /**
   * @param prefix begins the labels of the files, "train/" for those of train/index.json
   * @throws GoldenError where the index is damaged
   */
  constructor(path: string, prefix: string) {
    this.path = path;
    this.#prefix = prefix;
    const { files, ...sections } = parseGolden(indexSchema, readGoldenJson(path), path);
    this.#files = files;
    this.#sections = sections;
  }

  /** Names of the files that it describes. */
  get fileNames(): string[] {
    return Object.keys(this.#files);
  }

  labelOf(name: string): string {
    return this.#prefix + name.replace(/\.safetensors$/, '');
  }

  /** Names of the files that were asked for so far. */
  get askedFor(): ReadonlySet<string> {
    return this.#askedFor;
  }

  /**
   * A file that it describes; undefined where the file is not there.
   *
   * @throws GoldenError where the file, or what the index says of it, is damaged
   */
  file(name: string): GoldenFile | undefined {
    this.#askedFor.add(name);
    const known = this.#opened.get(name);
    if (known) return known;
    const path = join(dirname(this.path), name);
    if (!Object.hasOwn(this.#files, name) || !existsSync(path)) return undefined;
    const where = `${this.path}: files.${name}`;
    const entries = parseGolden(entriesSchema, this.#files[name], where);
    const file = new GoldenFile(path, this.labelOf(name), new Map(Object.entries(entries)));
    this.#opened.set(name, file);
    return file;
  }

  /** A part of the index beside `files`; undefined where it is absent. @throws GoldenError where it is malformed */
  section<T>(key: string, schema: z.ZodType<T>): T | undefined {
    const value = this.#sections[key];
    if (value === undefined) return undefined;
    return parseGolden(schema, value, `${this.path}: ${key}`);
  }

  /** A part of the index that describes cases by their names, each of which is yet to be parsed. */
  cases(key: string): [string, unknown][] {
    return Object.entries(this.section(key, z.record(z.string(), z.unknown())) ?? {});
  }

  get sectionNames(): string[] {
    return Object.keys(this.#sections);
  }
}

/** @throws GoldenError naming the file, the field and the value */
export function parseGolden<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  return asGoldenError(() => parseInput(schema, value, where));
}

/** @throws GoldenError where the file cannot be read or is no JSON */
export function readGoldenJson(path: string): unknown {
  try {
    return parsePythonJson(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = messageOf(error);
    throw new GoldenError(`${path}: expected JSON, ${reason}`);
  }
}
