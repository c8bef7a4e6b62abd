/** Lines of text on standard input -> a JSON list of their padded token ids, as the engine's tokenizer gives them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTokenizer } from '../../../src-main/engine/checkpoint/tokenizerFiles.ts';

const tokenizer = loadTokenizer(join(import.meta.dirname, '../../../assets/toybox/tokenizer'));
const texts = readFileSync(0, 'utf8').split('\n');
console.log(JSON.stringify(texts.map((text) => tokenizer.encodePadded(text).ids)));
