/**
 * Embeddings inside PNG pictures, as AUTOMATIC1111's web UI 1.10 shares them (modules/textual_inversion/
 * image_embedding.py): the text `sd-ti-embedding`, base64 of JSON in which a tensor is {"TORCHTENSOR": nested lists}.
 */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { InputError } from '../../../src-shared/inputError.ts';
import { parseInput } from '../../../src-shared/parseInput.ts';
import { readTexts } from '../../pictureFiles/pngInfo.ts';
import { float32Data } from '../tensor/tensorData.ts';
import { refusing, statOf } from './fileAccess.ts';
import { quote } from './storedValues.ts';
import { type TensorFile, unnamedVectors } from './tensorFile.ts';

/** Bytes of a picture that is looked into. */
const pictureLimit = 2 ** 26;
/** Of the text: parsed, it may take twenty times the memory. */
const textLimit = 2 ** 24;
const textKey = 'sd-ti-embedding';

const vector = z.array(z.number()).min(1);
const vectors = z.object({
  TORCHTENSOR: z.union([vector.transform((row) => [row]), z.array(vector).min(1).max(1024)]),
});
const embedding = z.object({
  string_to_param: z.object({ '*': vectors }),
  name: z.string().optional(),
  step: z.number().nullish(),
});

/** @throws InputError where the picture has no embedding in it, or a damaged one */
export function readPictureEmbedding(path: string): TensorFile {
  const { size } = statOf(path);
  if (size > pictureLimit) {
    throw new InputError(`${path}: a picture of ${size} bytes, the limit is ${pictureLimit}`);
  }
  const text = readTexts(refusing(path, () => readFileSync(path))).get(textKey);
  if (text === undefined) {
    throw new InputError(
      `${path} is a picture without an embedding in it: expected the text "${textKey}", as AUTOMATIC1111's web UI writes it`,
    );
  }
  if (text.length > textLimit) {
    throw new InputError(
      `${path}: the embedding in it has ${text.length} bytes, the limit is ${textLimit}`,
    );
  }
  const { string_to_param, name, step } = parseInput(embedding, parseText(path, text), path);
  const rows = string_to_param['*'].TORCHTENSOR;
  const shape = [rows.length, rows[0].length];
  if (rows.some((row) => row.length !== shape[1])) {
    throw new InputError(`${path}: the vectors in it have different lengths: it is damaged`);
  }
  const data = float32Data(shape, Float32Array.from(rows.flat()));
  const known = Object.entries({ name, step }).filter(([, value]) => value != null);
  return {
    path,
    metadata: new Map(known.map(([key, value]) => [key, String(value)])),
    tensors: new Map([[unnamedVectors, { dtype: 'F32', shape }]]),
    read: (key) => {
      if (key === unnamedVectors) return data;
      throw new InputError(`${path}: no tensor ${quote(key)}`);
    },
  };
}

function parseText(path: string, text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
  } catch {
    throw new InputError(`${path}: the embedding in it is no JSON: it is damaged or cut off`);
  }
}
