import * as z from 'zod';
import { messageOf } from './caught.ts';
import { fieldPath, InputError, MisfitError } from './inputError.ts';

/**
 * Parses something that came from outside.
 *
 * @param source names it in messages: a file, an option
 * @throws InputError that names the source, the field, the value and what was expected there
 */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown, source: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new InputError(misfitOf(result.error, value, source).message);
}

/** As {@link parseInput}, for what a call was given. @throws MisfitError, which keeps the field */
export function parseCall<T>(schema: z.ZodType<T>, value: unknown, call: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw misfitOf(result.error, value, call);
}

/**
 * The first thing that a parser did not take, in a sentence: "getConcept: id is 7; expected a text".
 *
 * @param value what was parsed
 */
export function describeMisfit(error: z.ZodError, value: unknown): string {
  return misfitOf(error, value, '').message;
}

function misfitOf(error: z.ZodError, value: unknown, source: string): MisfitError {
  const [issue] = error.issues;
  const fault = `is ${show(valueAt(value, issue.path))}; ${expectation(issue)}`;
  return new MisfitError(source, issue.path, fault);
}

/** In words, where the parser's own are code, or do not say that a whole number is merely too large. */
function expectation(issue: z.core.$ZodIssue): string {
  const isTheirs = issue.message.startsWith('Invalid ');
  if (issue.code === 'invalid_value' && isTheirs)
    return `expected one of ${issue.values.join(', ')}`;
  if (issue.code === 'too_big' && issue.message === 'expected a whole number') {
    return `expected a whole number, at most ${issue.maximum}`;
  }
  return issue.message;
}

/** What an error says, for the user: of a parser's the first thing that it did not take, where its own words are JSON. */
export function errorText(error: unknown): string {
  if (!(error instanceof z.ZodError)) return messageOf(error);
  const [issue] = error.issues;
  const what = [fieldPath(issue.path), issue.message].filter(Boolean).join(': ');
  return `A fault of the program: it has read something that it does not understand (${what})`;
}

/**
 * Editors of Windows begin a text with a byte order mark, which counts for nothing.
 *
 * @throws InputError that names the source and where the text stops being JSON
 */
export function parseJson(text: string, source: string): unknown {
  const content = text.replace(/^\uFEFF/, '');
  try {
    return JSON.parse(content);
  } catch (error) {
    const fault = content.trim() === '' ? 'it is empty' : faultIn(messageOf(error));
    throw new InputError(`${source} is not JSON: ${fault}; correct it, or give another one`);
  }
}

/** Where JSON breaks off, as far as the words of V8 tell. */
function faultIn(reason: string): string {
  const [, line, column] = /line (\d+) column (\d+)/.exec(reason) ?? [];
  if (line !== undefined) return `line ${line}, column ${column} is out of place`;
  const [, token] = /^Unexpected token '(.+?)',/.exec(reason) ?? [];
  return token === undefined ? 'it ends too early' : `"${token}" is out of place`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => Object(inner)[key], value);
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
