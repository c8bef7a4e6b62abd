/**
 * Makes Toybox's tokenizer, in the files of CLIP's: byte-pair encoding over the words of the world's captions, merged
 * until each of them is one token. Other words are spelt in pieces, as CLIP does with rare ones. words.json lists the
 * captions' words: among so few, most tokens that end a word are only pieces.
 *
 *     node tools/toybox/world/writeTokenizer.ts
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { captionWords } from './captions.ts';

const folder = join(import.meta.dirname, '../../../assets/toybox/tokenizer');
const wordEnd = '</w>';
const [startToken, endToken] = ['<|startoftext|>', '<|endoftext|>'];
/** Positions of the text encoder; the longest caption has about 25 tokens. */
const maxLength = 32;

/** The printable character that stands for each byte (bytes_to_unicode of openai/gpt-2), in the order of its ids. */
function byteCharacters(): string[] {
  const ranges = [
    [33, 126],
    [161, 172],
    [174, 255],
  ];
  const printable = ranges.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i),
  );
  const others = Array.from({ length: 256 }, (_, byte) => byte).filter(
    (byte) => !printable.includes(byte),
  );
  return [...printable, ...others.map((_, index) => 256 + index)].map((code) =>
    String.fromCodePoint(code),
  );
}

/** Byte-pair encoding (Sennrich et al. 2016): the commonest pair becomes one symbol, until every word is one. */
function learnMerges(words: readonly string[]): string[] {
  let spelt = words.map((word) => [...word.slice(0, -1), word.slice(-1) + wordEnd]);
  const merges: string[] = [];
  for (;;) {
    const counts = new Map<string, number>();
    for (const symbols of spelt) {
      for (let i = 1; i < symbols.length; i++) {
        const pair = `${symbols[i - 1]} ${symbols[i]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    const [best] = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    if (!best) return merges;
    merges.push(best[0]);
    spelt = spelt.map((symbols) => mergePair(symbols, best[0]));
  }
}

function mergePair(symbols: readonly string[], pair: string): string[] {
  const merged: string[] = [];
  for (const symbol of symbols) {
    const last = merged.at(-1);
    if (`${last} ${symbol}` === pair) merged[merged.length - 1] = `${last}${symbol}`;
    else merged.push(symbol);
  }
  return merged;
}

const merges = learnMerges(captionWords);
const bytes = byteCharacters();
const tokens = [
  ...[...bytes, ...bytes.map((character) => character + wordEnd)],
  ...[...merges.map((merge) => merge.replace(' ', '')), startToken, endToken],
];
const vocabulary = Object.fromEntries(tokens.map((token, id) => [token, id]));
const special = {
  bos_token: startToken,
  eos_token: endToken,
  pad_token: endToken,
  unk_token: endToken,
};
const config = { ...special, model_max_length: maxLength, tokenizer_class: 'CLIPTokenizer' };

mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'vocab.json'), `${JSON.stringify(vocabulary)}\n`);
writeFileSync(join(folder, 'merges.txt'), `#version: 0.2\n${merges.join('\n')}\n`);
writeFileSync(join(folder, 'words.json'), `${JSON.stringify(captionWords.toSorted())}\n`);
writeFileSync(join(folder, 'special_tokens_map.json'), `${JSON.stringify(special, null, 2)}\n`);
writeFileSync(join(folder, 'tokenizer_config.json'), `${JSON.stringify(config, null, 2)}\n`);
console.log(`${captionWords.length} words, ${merges.length} merges, ${tokens.length} tokens`);
