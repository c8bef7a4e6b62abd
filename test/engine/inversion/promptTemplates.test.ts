import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { classWordTokens } from '../../../src-main/engine/inversion/classWord.ts';
import { referenceIds } from '../../../src-main/engine/inversion/placeholderTokens.ts';
import {
  classPrompt,
  closeWordings,
  farWordings,
  objectTemplates,
  type Subject,
  scaleNeutralTemplates,
  scaleWordings,
  trainingPrompt,
} from '../../../src-main/engine/inversion/promptTemplates.ts';
import { requireGoldenPath } from '../../support/golden.ts';
import { referenceTokenizer } from '../../support/tokenizerReference.ts';

interface ReferencePrompts {
  prompts: string[];
  reference: string[];
}

const index = JSON.parse(readFileSync(requireGoldenPath('tiny-sd1-golden/index.json'), 'utf8'));
const one: Subject = { token: '<cute-cat>', vectors: 1, classWord: 'cat' };
const three: Subject = { ...one, vectors: 3 };
const cases: [string, Subject, ReferencePrompts][] = [
  ['one vector', one, index['ti_prompts.one']],
  ['three vectors', three, index['ti_prompts.multi']],
  [
    'Custom Diffusion',
    one,
    {
      prompts: index.cd_prompts['instance+class'].slice(0, 2),
      reference: index.cd_prompts.reference,
    },
  ],
];

describe('training prompts', () => {
  test('hold every vector and then the class word', () => {
    expect(trainingPrompt('a photo of a {}', three)).toBe(
      'a photo of a <cute-cat> <cute-cat>_1 <cute-cat>_2 cat',
    );
    expect(trainingPrompt('a painting in the style of {}', { ...one, classWord: '' })).toBe(
      'a painting in the style of <cute-cat>',
    );
  });

  test("a scale wording takes the article's place, as in the reference prompts", () => {
    const [far, close] = index.cd_prompts['instance+class'];
    expect(trainingPrompt('a photo of a {}', one, 'a far away')).toBe(far);
    expect(trainingPrompt('a photo of a {}', one, 'zoomed in')).toBe(close);
    expect(trainingPrompt('the photo of a {}', one, 'very small')).toBe(
      'very small photo of a <cute-cat> cat',
    );
  });

  test('a class image has the class word alone', () => {
    expect(classPrompt('photo of a {}', 'cat')).toBe(index.cd_prompts['instance+class'][3]);
    expect(classPrompt('{}', ' cat ')).toBe(index.cd_prompts['instance+class'][2]);
  });

  test('signs of a token are no replacement patterns', () => {
    expect(trainingPrompt('a {}', { token: '$&', vectors: 1, classWord: 'cat' })).toBe('a $& cat');
  });

  test('small pictures are far, enlarged ones close, the rest unnamed', () => {
    expect([0.34, 0.59].map(scaleWordings)).toEqual([farWordings, farWordings]);
    expect([0.6, 1].map(scaleWordings)).toEqual([[], []]);
    expect([1.01, 1.4].map(scaleWordings)).toEqual([closeWordings, closeWordings]);
  });
});

describe('templates', () => {
  test('are distinct and have one slot', () => {
    expect(new Set(objectTemplates).size).toBe(27);
    for (const template of objectTemplates) expect(template.split('{}').length).toBe(2);
  });

  test('templates about size or framing can be left out', () => {
    const neutral = scaleNeutralTemplates(objectTemplates);
    expect(neutral).toContain('a cropped photo of the {}');
    expect(objectTemplates.filter((template) => !neutral.includes(template))).toEqual([
      'a close-up photo of a {}',
      'a close-up photo of the {}',
      'a photo of the small {}',
      'a photo of the large {}',
      'a photo of a small {}',
    ]);
  });
});

describe('references', () => {
  test.each(cases)(
    '%s: the reference ids are those of the reference prompt',
    (_, subject, expected) => {
      const tokenizer = referenceTokenizer('tiny-sd1');
      const placeholderIds = [844, 845, 846].slice(0, subject.vectors);
      const [anchorId] = classWordTokens(tokenizer, 'cat').anchorIds;
      for (const [index, prompt] of expected.prompts.entries()) {
        const ids = referenceIds(tokenizer.encodePadded(prompt).ids, placeholderIds, anchorId!);
        expect(ids).toEqual(tokenizer.encodePadded(expected.reference[index]!).ids);
      }
    },
  );
});
