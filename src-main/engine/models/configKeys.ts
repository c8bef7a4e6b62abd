/** Pieces of the parsers of configuration files, and the error that they give. */
import * as z from 'zod';

/** A configuration names something that cannot be computed, or is malformed. Its message names file, key and value. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** A whole number above 0. */
export const size = z.int('expected a whole number').positive('expected a number above 0');
/** Counts that decide how many modules are built: a hostile number must not build for ever. */
export const layerCount = size.max(1000, 'expected at most 1000');
export const positive = z.number('expected a number').positive('expected a number above 0');

/** A key that must be absent, null or one of these values: any other needs code that is not here. */
export function only(...values: readonly (string | number | boolean)[]) {
  const allowed = values.map((value) => JSON.stringify(value)).join(' or ');
  const expected = values.length > 0 ? `expected ${allowed}` : 'expected null or no such key';
  const message = `not supported by Tessera, ${expected}`;
  const accept = (value: unknown) => isNothing(value) || values.some((v) => v === value);
  return z.unknown().refine(accept, { message }).optional();
}

/** {@link only} for a key that holds one value or one per level. */
export function onlyEverywhere(allowed: number | boolean) {
  const message = `not supported by Tessera, expected ${JSON.stringify(allowed)}`;
  const accept = (value: unknown) => isNothing(value) || [value].flat().every((v) => v === allowed);
  return z.unknown().refine(accept, { message }).optional();
}

export function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}

/** @throws ConfigError naming file, key, value and what was expected */
export function parseKeys<T>(schema: z.ZodType<T>, json: unknown, where: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue.path.length === 0) throw new ConfigError(`${where}: expected a JSON object`);
  fail(where, issue.path.join('.'), valueAt(json, issue.path), issue.message);
}

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((value, key) => Reflect.get(Object(value), key) as unknown, json);
}

/** @throws ConfigError where a list has not one entry per level, or per timestep */
export function requireLength(
  where: string,
  key: string,
  list: readonly unknown[],
  length: number,
) {
  if (list.length === length) return;
  const entries = `expected ${length} entries, one per ${key === 'trained_betas' ? 'timestep' : 'level'}`;
  fail(where, key, list, `${entries}, found ${list.length}`);
}

/** @throws ConfigError, always */
export function fail(where: string, key: string, value: unknown, message: string): never {
  const text = JSON.stringify(value) ?? 'absent';
  const shown = text.length > 80 ? `${text.slice(0, 80)}...` : text;
  throw new ConfigError(`${where}: ${key} is ${shown}: ${message}`);
}
