import { readdir, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { InputError } from '../../src-shared/inputError.ts';
import type { JobOptions } from '../../src-shared/job.ts';
import type { Engine } from '../engine/host.ts';
import { withNames } from '../jobs/fileNames.ts';
import type { ModelFingerprint, NewModel, StoredModel } from '../library/modelRepository.ts';

/** Files and folders of a checkpoint that are looked at; a folder that holds more is none. */
const mostEntries = 500;

/** Where a model lies, by what the user typed or dropped. @throws InputError where nothing is there */
export async function locateModel(typed: string): Promise<string> {
  const text = typed.trim().replace(/^(["'])(.*)\1$/, '$2');
  const path = resolve(text.replace(/^~(?=$|[\\/])/, () => homedir()));
  try {
    return await realpath(path);
  } catch {
    throw new InputError(
      `${text}: no such file or folder; give the whole path of a .safetensors file or of a diffusers folder`,
    );
  }
}

/** Undefined where the model's files are not there. */
export async function fingerprintOf(path: string): Promise<ModelFingerprint | undefined> {
  const files = await filesOf(path).catch(() => undefined);
  if (!files) return undefined;
  const found = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
  const known = found.filter((file) => file?.isFile());
  return {
    bytes: known.reduce((sum, file) => sum + (file?.size ?? 0), 0),
    modifiedAt: Math.floor(Math.max(0, ...known.map((file) => file?.mtimeMs ?? 0))),
  };
}

/** The file, or the weights and configurations of a diffusers folder and of the folders in it. */
async function filesOf(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = (await readdir(path, { withFileTypes: true })).slice(0, mostEntries);
  const inner = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  const below = await Promise.all(
    inner.map(async ({ name }) =>
      (await readdir(join(path, name))).slice(0, mostEntries).map((file) => join(path, name, file)),
    ),
  );
  return [...entries.map(({ name }) => join(path, name)), ...below.flat()].filter((file) =>
    /\.(safetensors|json)$/i.test(file),
  );
}

/** Folder of the networks that judge pictures of a model; beside its own, where it has any. */
export function evaluatorsOf({ path }: Pick<StoredModel, 'path'>): string {
  return join(path, 'evaluators');
}

/**
 * Looks into a model's files. What is a model, but cannot be used, is described with the problem.
 *
 * @throws InputError where it is no model, or cannot be read
 */
export async function inspectModel(
  reader: Engine,
  path: string,
  options: JobOptions = {},
): Promise<Pick<NewModel, 'kind' | 'fingerprint' | 'inspection'>> {
  const fingerprint = await fingerprintOf(path);
  const names = new Map([[path, basename(path)]]);
  const described = await withNames(names, () =>
    reader.call('describeModel', { model: path }, options),
  );
  const { kind, problem, ...inspection } = described;
  if (problem !== undefined && !modelKinds.has(kind))
    throw new InputError(problemOf(problem, path));
  const judged = await stat(evaluatorsOf({ path })).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return {
    kind,
    fingerprint: fingerprint ?? { bytes: described.bytes, modifiedAt: 0 },
    inspection: {
      ...inspection,
      judged,
      ...(problem !== undefined && { problem: problemOf(problem, path) }),
    },
  };
}

/** What the engine's inspection calls models; anything else is a part of one, or something else. */
const modelKinds: ReadonlySet<string> = new Set(['checkpoint', 'checkpoint folder']);

/** Without the folders above it. */
function problemOf(problem: string, path: string): string {
  return problem.replaceAll(path, basename(path)).replaceAll(`${dirname(path)}${sep}`, '');
}
