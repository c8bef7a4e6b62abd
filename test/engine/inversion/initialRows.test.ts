import { describe, expect, it } from 'vitest';
import { createTextEncoder } from '../../../src-main/engine/diffusion/networks.ts';
import { meanRow, readVocabularyRows } from '../../../src-main/engine/diffusion/vocabulary.ts';
import { initialRows } from '../../../src-main/engine/inversion/initialRows.ts';
import type { InitializerChoice } from '../../../src-shared/api.ts';
import { openTinyModel } from '../../support/tinyModel.ts';

const model = openTinyModel('tiny-sd1');
const size = model.configs.textEncoder.hiddenSize;
const wordRows = (word: string) => readVocabularyRows(model, model.tokenizer.idsOfWord(word));

describe('rows at the start', () => {
  it('are copies of the class word', async () => {
    const rows = await initialRows(model, { kind: 'class-word' }, 'cat', 3);
    const cat = [...(await wordRows('cat'))];
    expect([...rows]).toEqual([...cat, ...cat, ...cat]);
  });

  it('are of its last word where it is several words', async () => {
    const rows = await initialRows(model, { kind: 'class-word' }, 'red cat', 1);
    expect(rows).toEqual(await wordRows('cat'));
  });

  it('are the mean of several tokens for one vector, and take turns for more', async () => {
    const words: InitializerChoice = { kind: 'words', words: ['cat', 'dog'] };
    const both = Float32Array.from([...(await wordRows('cat')), ...(await wordRows('dog'))]);
    expect(await initialRows(model, words, 'cat', 1)).toEqual(meanRow(both, size));
    const three = await initialRows(model, words, 'cat', 3);
    expect([...three]).toEqual([...both, ...both.slice(0, size)]);
  });

  it("are the text encoder's output at the class word (cross initialization)", async () => {
    const encoder = await createTextEncoder(model, { batch: 1 });
    const hidden = await encoder.encode([model.tokenizer.encodePadded('red cat').ids]);
    await encoder.release();
    const rows = await initialRows(model, { kind: 'cross' }, 'red cat', 1);
    expect(rows).toEqual(hidden.slice(2 * size, 3 * size));
  });

  it('need words that the model knows', async () => {
    const start = (words: string[]) => initialRows(model, { kind: 'words', words }, 'cat', 1);
    await expect(start([''])).rejects.toThrow('initial word "" is no word that the model knows');
  });
});
