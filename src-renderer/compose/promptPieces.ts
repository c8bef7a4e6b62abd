import { clamp } from './boxGeometry.ts';

/** A prompt as the field shows it: text, concepts as chips, and what lies beyond the model's length. */

export interface PromptPiece {
  readonly kind: 'text' | 'chip';
  readonly text: string;
  readonly start: number;
  /** Whether the model does not see it any more. */
  readonly beyond: boolean;
}

/** What the user wrote so far towards a concept: opened by "/" or "<" at the begin of a word. */
export interface MenuQuery {
  /** Place of the opening sign. */
  readonly start: number;
  readonly end: number;
  /** Without the opening sign. */
  readonly text: string;
}

/** A prompt and where the caret stands in it. */
export interface Edited {
  readonly text: string;
  readonly caret: number;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** How concepts are usually written. Others are recognised when they are known. */
const angled = /<[^\s<>]{1,58}>/gu;

/** Words of a prompt that may be concepts: all in angle brackets, and the known ones. In order, each once. */
export function conceptTokens(prompt: string, known: Iterable<string> = []): string[] {
  return [...new Set(tokenRanges(prompt, known).map(({ start, end }) => prompt.slice(start, end)))];
}

/**
 * Cuts a prompt where its look changes.
 *
 * @param known tokens that become chips
 * @param overflow the end of the prompt that the model does not see, as it reports it
 */
export function promptPieces(
  prompt: string,
  known: Iterable<string>,
  overflow = '',
): PromptPiece[] {
  const chips = chipRanges(prompt, known);
  const limit = overflowStart(prompt, overflow);
  const pieces: PromptPiece[] = [];
  const push = (kind: PromptPiece['kind'], start: number, end: number) => {
    for (const [from, to] of cut(start, end, limit)) {
      pieces.push({ kind, text: prompt.slice(from, to), start: from, beyond: from >= limit });
    }
  };
  let place = 0;
  for (const { start, end } of chips) {
    push('text', place, start);
    push('chip', start, end);
    place = end;
  }
  push('text', place, prompt.length);
  return pieces;
}

/** Where the part begins that the model does not see; the prompt's length where it sees all. */
export function overflowStart(prompt: string, overflow: string): number {
  const wanted = overflow.trim();
  if (wanted === '') return prompt.length;
  const place = prompt.lastIndexOf(wanted);
  if (place >= 0) return place;
  const firstWord = wanted.split(/\s+/u)[0];
  return clamp(prompt.lastIndexOf(firstWord), 0, prompt.length);
}

/** The query that the caret stands in, if any. */
export function menuQueryAt(prompt: string, caret: number): MenuQuery | undefined {
  const before = prompt.slice(0, caret);
  const match = /(?:^|[\s,;(])([/<])([^\s<>/]{0,40})$/u.exec(before);
  if (!match) return undefined;
  return { start: caret - match[2].length - 1, end: caret, text: match[2] };
}

/**
 * Of the answer to what was typed before, what fits what is typed now: a key that comes before the new answer must not take
 * another concept.
 */
export function fitting<Concept extends { readonly name: string; readonly token: string }>(
  concepts: readonly Concept[],
  search: string,
): Concept[] {
  const typed = search.toLowerCase();
  return concepts.filter((concept) =>
    [concept.name, concept.token].some((text) => text.toLowerCase().includes(typed)),
  );
}

/** Writes a concept, with its class word behind, in the place of a range: with blanks around, none doubled. */
export function insertConcept(
  prompt: string,
  { start, end }: Range,
  { token, classWord }: { readonly token: string; readonly classWord: string },
): Edited {
  const before = prompt.slice(0, start);
  const after = prompt.slice(end);
  const words = followsClassWord(after, classWord) ? token : `${token} ${classWord}`.trim();
  const head = before === '' || /[\s(]$/u.test(before) ? '' : ' ';
  const tail = after === '' || /^[\s,;.)]/u.test(after) ? '' : ' ';
  const written = before + head + words + tail;
  const caret = written.length + (after === '' ? 1 : 0);
  return { text: written + (after === '' ? ' ' : after), caret };
}

/** Takes a whole chip away when a key would eat into it; undefined where the key may do as usual. */
export function deleteChip(
  prompt: string,
  caret: number,
  direction: 'back' | 'forward',
  known: Iterable<string>,
): Edited | undefined {
  const chip = chipRanges(prompt, known).find(({ start, end }) =>
    direction === 'back' ? start < caret && caret <= end : start <= caret && caret < end,
  );
  if (!chip) return undefined;
  return { text: prompt.slice(0, chip.start) + prompt.slice(chip.end), caret: chip.start };
}

/** Where the caret goes so that it does not stand inside a chip: to the end it came towards, else the nearer one. */
export function outsideChip(
  prompt: string,
  caret: number,
  known: Iterable<string>,
  direction?: 'back' | 'forward',
): number {
  const chip = chipRanges(prompt, known).find(({ start, end }) => start < caret && caret < end);
  if (!chip) return caret;
  if (direction === 'back') return chip.start;
  if (direction === 'forward') return chip.end;
  return caret - chip.start < chip.end - caret ? chip.start : chip.end;
}

function chipRanges(prompt: string, known: Iterable<string>): Range[] {
  const names = new Set(known);
  return tokenRanges(prompt, names).filter(({ start, end }) => names.has(prompt.slice(start, end)));
}

/** Longer tokens first: "<cat>" is not found inside "<cat>s" where that is a concept too. */
function tokenRanges(prompt: string, known: Iterable<string>): Range[] {
  const ranges: Range[] = [];
  const add = (start: number, end: number) => {
    if (ranges.every((range) => end <= range.start || range.end <= start)) {
      ranges.push({ start, end });
    }
  };
  const names = [...known].filter(Boolean).sort((one, other) => other.length - one.length);
  for (const name of names) {
    for (let at = prompt.indexOf(name); at >= 0; at = prompt.indexOf(name, at + name.length)) {
      if (isWhole(prompt, name, at)) add(at, at + name.length);
    }
  }
  for (const match of prompt.matchAll(angled)) add(match.index, match.index + match[0].length);
  return ranges.sort((one, other) => one.start - other.start);
}

/** Tokens without brackets, such as "sks", are chips only as whole words. */
function isWhole(prompt: string, name: string, at: number): boolean {
  const wordLike = /[\p{L}\p{N}]/u;
  const before = prompt[at - 1] ?? '';
  const after = prompt[at + name.length] ?? '';
  const joinsBefore = wordLike.test(name[0]) && wordLike.test(before);
  const joinsAfter = wordLike.test(name.at(-1) ?? '') && wordLike.test(after);
  return !joinsBefore && !joinsAfter;
}

function followsClassWord(after: string, classWord: string): boolean {
  const next = after.trimStart().toLowerCase();
  return classWord === '' || next.startsWith(classWord.toLowerCase());
}

function cut(start: number, end: number, limit: number): [number, number][] {
  if (start >= end) return [];
  if (start < limit && limit < end) {
    return [
      [start, limit],
      [limit, end],
    ];
  }
  return [[start, end]];
}
