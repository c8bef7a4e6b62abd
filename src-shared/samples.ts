import * as z from 'zod';
import { parseInput, parseJson } from './parseInput.ts';

/** The sample concepts that come with the program: the parser of their index file. */

const name = z
  .string('expected a text')
  .regex(/^[a-z0-9-]+$/, 'expected small letters, digits, "-"');

const sampleConcept = z.strictObject({
  /** Also the folder of its photos, beside the index. */
  name,
  classWord: z.string('expected a word').min(1, 'expected a word'),
  token: z.string('expected a word').min(1, 'expected a word'),
});

/** A thing with photos to train on. */
export type SampleConcept = z.infer<typeof sampleConcept>;

const sampleIndex = z.strictObject({
  samples: z.array(sampleConcept, 'expected a list').min(1, 'expected at least one sample'),
});

/** The text of an index. @throws InputError that names the source, the field and what was expected there */
export function parseSamplesText(text: string, source: string): SampleConcept[] {
  return parseInput(sampleIndex, parseJson(text, source), source).samples;
}
