/**
 * Text cleaning in front of CLIP's byte-pair encoding, with the place of every character in the original prompt.
 * Source: `BasicTokenizer` as CLIPTokenizer of transformers 4.32 uses it without ftfy (control characters removed,
 * blanks around ideographs, NFC, lower case, accents and punctuation kept).
 */

/** Half-open range of UTF-16 units in the original prompt. */
export type Span = readonly [start: number, end: number];

/** `spans[i]` is where unit i of `text` comes from; starts and ends never decrease. */
export interface CleanedText {
  text: string;
  spans: Span[];
}

interface CleanedCharacter {
  character: string;
  span: Span;
}

const blank = /^[\t\n\r\p{Zs}]$/u;
const removed = /^[\p{C}\uFFFD]$/u;
const combining = /^\p{M}$/u;
/** The CJK blocks of BERT's tokenizer: neither kana nor hangul. */
const ideograph =
  /^[\u4E00-\u9FFF\u3400-\u4DBF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B820}-\u{2CEAF}\uF900-\uFAFF\u{2F800}-\u{2FA1F}]$/u;

/** Cleans one piece of a prompt; `start` is the piece's first unit in the prompt. */
export function cleanText(piece: string, start = 0): CleanedText {
  return lowerCase(composeCharacters(keepVisible(piece, start)));
}

function keepVisible(piece: string, start: number): CleanedCharacter[] {
  const kept: CleanedCharacter[] = [];
  let position = start;
  for (const character of piece) {
    const span: Span = [position, position + character.length];
    position = span[1];
    for (const cleaned of cleanCharacter(character)) kept.push({ character: cleaned, span });
  }
  return kept;
}

function cleanCharacter(character: string): string {
  if (blank.test(character)) return ' ';
  if (removed.test(character)) return '';
  return ideograph.test(character) ? ` ${character} ` : character;
}

/** NFC; characters that compose or change places share the span of their whole cluster. */
function composeCharacters(characters: CleanedCharacter[]): CleanedCharacter[] {
  return compositionClusters(characters).flatMap((cluster) => {
    const text = textOf(cluster);
    const composed = text.normalize('NFC');
    if (composed === text) return cluster;
    const span: Span = [cluster[0]!.span[0], cluster.at(-1)!.span[1]];
    return Array.from(composed, (character) => ({ character, span }));
  });
}

/**
 * Shortest runs that NFC treats independently: a character with its combining marks, joined with the next run where
 * the two compose all the same (hangul jamo).
 */
function compositionClusters(characters: CleanedCharacter[]): CleanedCharacter[][] {
  const clusters: CleanedCharacter[][] = [];
  for (const run of combiningRuns(characters)) {
    const last = clusters.at(-1);
    if (last && composesWith(textOf(last), textOf(run))) last.push(...run);
    else clusters.push(run);
  }
  return clusters;
}

function combiningRuns(characters: CleanedCharacter[]): CleanedCharacter[][] {
  const runs: CleanedCharacter[][] = [];
  for (const character of characters) {
    if (runs.length > 0 && combining.test(character.character)) runs.at(-1)!.push(character);
    else runs.push([character]);
  }
  return runs;
}

function composesWith(first: string, second: string): boolean {
  return (first + second).normalize('NFC') !== first.normalize('NFC') + second.normalize('NFC');
}

/** Lower case of the whole text, because a final sigma depends on its neighbours; lengths do not. */
function lowerCase(characters: CleanedCharacter[]): CleanedText {
  const spans = characters.flatMap(({ character, span }) =>
    new Array<Span>(character.toLowerCase().length).fill(span),
  );
  return { text: textOf(characters).toLowerCase(), spans };
}

function textOf(characters: CleanedCharacter[]): string {
  return characters.map(({ character }) => character).join('');
}
