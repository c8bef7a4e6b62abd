import { describe, expect, it } from 'vitest';
import { readVocabularyRows } from '../../../src-main/engine/diffusion/vocabulary.ts';
import {
  anchorCandidates,
  anchorShares,
  planAnchors,
} from '../../../src-main/engine/inversion/anchors.ts';
import { addPlaceholderTokens } from '../../../src-main/engine/inversion/placeholderTokens.ts';
import { openTinyModel } from '../../support/tinyModel.ts';

const model = openTinyModel('tiny-sd1');
const [catId] = model.tokenizer.idsOfWord('cat');

describe('anchors', () => {
  it('are none where none are wanted', async () => {
    const plan = await planAnchors(model, 'cat', { kind: 'none' });
    expect(plan.anchor).toEqual({ kind: 'none' });
    expect(anchorShares(plan, undefined)).toEqual([]);
  });

  it('are the class word, as in the released code', async () => {
    const plan = await planAnchors(model, 'cat', { kind: 'class-word' });
    expect(plan).toMatchObject({ anchor: { kind: 'reference' }, referenceId: catId });
    expect(anchorShares(plan, undefined)).toEqual([{ word: 'cat', share: 1 }]);
  });

  it('are the mean of the tokens of a class word that is several', async () => {
    const ids = model.tokenizer.idsOfWord('zyx');
    expect(ids.length).toBeGreaterThan(1);
    const plan = await planAnchors(model, 'zyx', { kind: 'class-word' });
    expect(plan.candidateRows).toBeUndefined();
    const total = plan.initialShares?.reduce((sum, share) => sum + share, 0);
    expect(total).toBeCloseTo(1, 6);
    expect(plan.anchor).toEqual({ kind: 'mixture', candidateIds: ids, loss: 'released' });
  });

  it('are the class word and its nearest whole words by cosine', async () => {
    const plan = await planAnchors(model, 'cat', { kind: 'auto' });
    if (plan.anchor.kind !== 'mixture') throw new Error('expected a mixture');
    const { candidateIds } = plan.anchor;
    expect(plan.anchor.loss).toBe('attractor');
    expect(candidateIds).toHaveLength(16);
    expect(plan.candidateRows).toEqual(await readVocabularyRows(model, candidateIds));
    expect(candidateIds[0]).toBe(catId);
    expect(new Set(candidateIds).size).toBe(16);
    const [first, ...others] = plan.initialShares ?? [];
    expect([first, Math.max(...others)]).toEqual([1, 0]);
    expect(candidateIds.slice(1)).toEqual(await nearestByHand(15));
  });

  it.each(['cat', 'zyx', 'cat cat'])('are proposed as they are trained (%s)', async (classWord) => {
    const plan = await planAnchors(model, classWord, { kind: 'auto' });
    const proposed = await anchorCandidates(model, classWord);
    expect(proposed.map(({ word }) => word)).toEqual(plan.words);
    expect(plan.words).toHaveLength(16);
  });

  it('include the words of the user beyond the sixteen', async () => {
    const plan = await planAnchors(model, 'cat', { kind: 'words', words: ['table', 'cat'] });
    const [tableId] = model.tokenizer.idsOfWord('table');
    if (plan.anchor.kind !== 'mixture') throw new Error('expected a mixture');
    expect(plan.anchor.candidateIds).toContain(tableId);
    expect(new Set(plan.anchor.candidateIds).size).toBe(plan.anchor.candidateIds.length);
  });

  it('are the class word and these words alone where the user chose them', async () => {
    const plan = await planAnchors(model, 'cat', { kind: 'only', words: ['table', 'cat'] });
    const [tableId] = model.tokenizer.idsOfWord('table');
    expect(plan.anchor).toMatchObject({ kind: 'mixture', candidateIds: [catId, tableId] });
    expect([...(plan.initialShares ?? [])]).toEqual([1, 0]);
  });

  it('cannot be concepts or blanks', async () => {
    const own = openTinyModel('tiny-sd1');
    addPlaceholderTokens(own.tokenizer, '<thing>', 1);
    const plan = (words: string[]) => planAnchors(own, 'cat', { kind: 'words', words });
    await expect(plan(['<thing>'])).rejects.toThrow(
      'anchor "<thing>" is no word of the model\'s own',
    );
    await expect(plan([' '])).rejects.toThrow('anchor " " has no tokens');
  });

  it('are told with the greatest share first, without those that vanished', async () => {
    const plan = await planAnchors(model, 'cat', { kind: 'auto' });
    const shares = new Float32Array(16);
    shares.set([0.25, 0, 0.75]);
    expect(anchorShares(plan, shares)).toEqual([
      { word: plan.words[2], share: 0.75 },
      { word: 'cat', share: 0.25 },
    ]);
  });
});

/** The nearest whole words to "cat", by a plain loop. */
async function nearestByHand(count: number): Promise<number[]> {
  const { vocabSize, hiddenSize } = model.configs.textEncoder;
  const ids = Array.from({ length: vocabSize }, (_, id) => id);
  const table = await readVocabularyRows(model, ids);
  const row = (id: number) => [...table.slice(id * hiddenSize, (id + 1) * hiddenSize)];
  const cosine = (id: number) => {
    const [a, b] = [row(id), row(catId)];
    const dot = a.reduce((sum, value, i) => sum + value * b[i], 0);
    return dot / (Math.hypot(...a) * Math.hypot(...b));
  };
  const words = model.tokenizer.wholeWords().filter((id) => id !== catId);
  return words.toSorted((a, b) => cosine(b) - cosine(a)).slice(0, count);
}
