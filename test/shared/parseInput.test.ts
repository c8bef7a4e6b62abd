import { expect, test } from 'vitest';
import * as z from 'zod';
import { explainFailure } from '../../src-main/jobs/jobErrors.ts';
import { openWindowSession } from '../../src-main/shell/windowSession.ts';
import { InputError } from '../../src-shared/inputError.ts';
import { errorText } from '../../src-shared/parseInput.ts';
import type { ShellMessage } from '../../src-shared/shellProtocol.ts';

const schema = z.object({ list: z.array(z.object({ token: z.string('expected a text') })) });
const { error } = schema.safeParse({ list: [{ token: 'a' }, { token: 7 }, {}] });
const sentence =
  'A fault of the program: it has read something that it does not understand (list[1].token: expected a text)';

test.each([
  [error, sentence],
  [z.string('expected a text').safeParse(7).error, sentence.replace('list[1].token: ', '')],
  [new InputError('cat.jpg is no photo'), 'cat.jpg is no photo'],
  ['words', 'words'],
])('%o is told in a sentence', (given, expected) => {
  expect(errorText(given)).toBe(expected);
});

test('no window sees what a parser says as JSON', async () => {
  const sent: ShellMessage[] = [];
  const studio = { call: () => Promise.reject(error), subscribe: () => () => {} };
  const session = openWindowSession(studio, 'window', (message) => sent.push(message));
  session.receive({ kind: 'call', id: 1, name: 'listTags', input: {} });
  await expect.poll(() => sent).toHaveLength(1);
  expect(sent).toEqual([{ kind: 'failure', id: 1, failure: { kind: 'fault', message: sentence } }]);
  expect(explainFailure(error).message).toBe(sentence);
});
