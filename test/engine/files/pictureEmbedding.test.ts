import { writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { describeEmbedding } from '../../../src-main/engine/checkpoint/embedding.ts';
import { openTensorFile } from '../../../src-main/engine/files/openTensorFile.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const { path } = temporaryFolder();

/** A PNG of these chunks; its picture is no matter. */
function writePng(...chunks: readonly (readonly [type: string, data: string])[]): string {
  const parts = chunks.map(([type, data]) => {
    const body = Buffer.from(type + data, 'latin1');
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  });
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  writeFileSync(path('shared.png'), Buffer.concat([signature, ...parts]));
  return path('shared.png');
}

/** As AUTOMATIC1111's web UI writes it. */
function withEmbedding(value: unknown): string {
  const text = Buffer.from(JSON.stringify(value)).toString('base64');
  return writePng(
    ['IHDR', '\0'.repeat(13)],
    ['tEXt', `sd-ti-embedding\0${text}`],
    ['IDAT', 'x'.repeat(50)],
    ['IEND', ''],
  );
}

const vectors = (rows: unknown) => ({
  string_to_token: { '*': 265 },
  string_to_param: { '*': { TORCHTENSOR: rows } },
});

describe('an embedding in a picture', () => {
  test('has its vectors and its name', () => {
    const file = openTensorFile(
      withEmbedding({
        ...vectors([
          [1, 2.5],
          [3, -4],
        ]),
        name: 'my cat',
        step: 7,
        sd_checkpoint: null,
      }),
    );
    expect(describeEmbedding(file)).toEqual({ word: 'my cat', vectors: 2, widths: [2], steps: 7 });
    expect(file.read('emb_params')).toEqual({
      ...{ dtype: 'float32', shape: [2, 2] },
      data: Float32Array.of(1, 2.5, 3, -4),
    });
  });

  test('may be one vector without a name, then the file has one', () => {
    const found = describeEmbedding(openTensorFile(withEmbedding(vectors([1, 2, 3]))));
    expect(found).toMatchObject({ word: 'shared', vectors: 1, widths: [3] });
  });

  test.each([
    ['no embedding', () => writePng(['IHDR', '']), /is a picture without an embedding in it/],
    ['no text at all', () => writePng(['tEXt', 'sd-ti-embedding\0!!']), /no JSON: it is damaged/],
    ['other JSON', () => withEmbedding({ a: 1 }), /string_to_param/],
    ['words for numbers', () => withEmbedding(vectors([['x']])), /TORCHTENSOR/],
    ['rows of different lengths', () => withEmbedding(vectors([[1, 2], [3]])), /different lengths/],
    ['too many rows', () => withEmbedding(vectors(new Array(1025).fill([1]))), /TORCHTENSOR/],
    [
      'too long a text',
      () => writePng(['tEXt', `sd-ti-embedding\0${'A'.repeat(2 ** 24 + 1)}`]),
      /limit is/,
    ],
  ])('with %s is refused', (_, write, message) => {
    const file = write();
    expect(() => openTensorFile(file)).toThrow(InputError);
    expect(() => openTensorFile(file)).toThrow(message);
  });

  test('whose chunk claims more than the file has is refused', () => {
    const chunk = Buffer.from(
      '\x89PNG\r\n\x1a\n\xff\xff\xff\xfftEXtsd-ti-embedding\0e30=',
      'latin1',
    );
    writeFileSync(path('long.png'), Buffer.concat([chunk, Buffer.alloc(2)]));
    expect(() => openTensorFile(path('long.png'))).toThrow(InputError);
  });
});
