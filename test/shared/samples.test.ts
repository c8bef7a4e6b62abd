import { expect, test } from 'vitest';
import { InputError } from '../../src-shared/inputError.ts';
import { parseSamplesText } from '../../src-shared/samples.ts';

const minka = { name: 'minka', classWord: 'cat', token: '<minka>' };
const textOf = (...samples: object[]) => JSON.stringify({ samples });

test('an index of samples is read', () => {
  expect(parseSamplesText(textOf(minka), 'samples.json')).toEqual([minka]);
});

test.each([
  ['no JSON', '{"samples": [', /samples\.json is not JSON/],
  ['nothing in it', textOf(), /samples\.json: samples is \[\]; expected at least one sample/],
  [
    'a name that leaves the folder',
    textOf({ ...minka, name: '../photos' }),
    /samples\[0\]\.name is "\.\.\/photos"; expected small letters, digits, "-"/,
  ],
  ['no class word', textOf({ ...minka, classWord: '' }), /samples\[0\]\.classWord is ""/],
])('an index with %s is refused', (_, text, message) => {
  expect(() => parseSamplesText(text, 'samples.json')).toThrow(message);
  expect(() => parseSamplesText(text, 'samples.json')).toThrow(InputError);
});
