/** Words of a prompt that a box can be drawn for. */

/** A concept as prompts write it. */
export interface NamedConcept {
  readonly token: string;
  readonly classWord: string;
}

/** Words that hold a sentence together or say what kind of picture it is. */
const small = new Set(
  `a an and any are as at be behind below beside between by for from her his in inside into is it its my near next of off
  on one onto or our out outside over some that the their this to two under up with wearing riding holding sitting standing
  photo photograph picture image painting drawing rendering sketch illustration art style watercolor oil digital pencil
  closeup very so such same other little big small large old new detailed beautiful high quality`.split(
    /\s+/,
  ),
);

/**
 * Phrases in the order of the prompt, each once: every concept with its class word where that follows, and the words that
 * may be things. What a user means beyond these, she can mark in the prompt.
 */
export function promptPhrases(prompt: string, concepts: readonly NamedConcept[]): string[] {
  const found: { place: number; phrase: string }[] = [];
  let rest = prompt;
  for (const { token, classWord } of concepts) {
    const place = rest.indexOf(token);
    if (place < 0) continue;
    const phrase = withClassWord(prompt.slice(place), token, classWord);
    found.push({ place, phrase });
    rest = rest.replaceAll(phrase, (match) => ' '.repeat(match.length));
    rest = rest.replaceAll(token, (match) => ' '.repeat(match.length));
  }
  // What looks like a concept and is none is not split into words.
  rest = rest.replace(/<[^\s<>]*>?/gu, (match) => ' '.repeat(match.length));
  for (const { 0: word, index } of rest.matchAll(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu)) {
    if (word.length > 1 && !small.has(word.toLowerCase()))
      found.push({ place: index, phrase: word });
  }
  found.sort((one, other) => one.place - other.place);
  return [...new Set(found.map(({ phrase }) => phrase))];
}

/** A marked part of a prompt as a phrase: whole words without what stands around them. */
export function markedPhrase(prompt: string, start: number, end: number): string {
  const isWord = (place: number) => /[^\s,;.]/u.test(prompt[place] ?? '');
  let from = start;
  let to = end;
  if (from === to) return '';
  while (from > 0 && isWord(from) && isWord(from - 1)) from--;
  while (to < prompt.length && isWord(to - 1) && isWord(to)) to++;
  return prompt.slice(from, to).replace(/^[\s,;.]+|[\s,;.]+$/gu, '');
}

function withClassWord(text: string, token: string, classWord: string): string {
  const both = `${token} ${classWord}`;
  if (classWord === '' || !text.toLowerCase().startsWith(both.toLowerCase())) return token;
  const next = text[both.length] ?? '';
  return /[\p{L}\p{N}]/u.test(next) ? token : text.slice(0, both.length);
}
