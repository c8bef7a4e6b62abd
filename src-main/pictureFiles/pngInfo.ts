import { crc32 } from 'node:zlib';

/** Text in PNG files (PNG 1.2, sections 3.4 and 4.2.3) and what programs of the field write there. */

const signatureLength = 8;
/** Length, type and check sum around a chunk's data. */
const chunkOverhead = 12;

/** How a picture was made, as AUTOMATIC1111's web UI tells it under the key `parameters`. */
export interface GenerationParameters {
  readonly prompt: string;
  readonly negative: string;
  /** Name and value, in their order: Steps, Sampler, CFG scale, Seed, Size, Model, ... */
  readonly settings: readonly (readonly [string, string | number])[];
}

/** The text of `parameters`: prompt, negative prompt, settings; values with commas, colons or line breaks as JSON. */
export function formatParameters({ prompt, negative, settings }: GenerationParameters): string {
  const lines = [prompt];
  if (negative !== '') lines.push(`Negative prompt: ${negative}`);
  lines.push(settings.map(([name, value]) => `${name}: ${quoted(String(value))}`).join(', '));
  return lines.join('\n');
}

function quoted(value: string): string {
  return /[,:\n]/.test(value) ? JSON.stringify(value) : value;
}

/** Marks a picture as made by a trained model (IPTC, digital source type). */
const aiMark = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/></rdf:RDF></x:xmpmeta>`;

/** The same picture with its generation parameters and the mark of generated media. */
export function withGenerationInfo(png: Uint8Array, parameters: GenerationParameters): Buffer {
  return withTexts(png, [
    ['parameters', formatParameters(parameters)],
    ['XML:com.adobe.xmp', aiMark],
  ]);
}

/** Texts of a PNG by key; of tEXt and uncompressed iTXt chunks. */
export function readTexts(png: Uint8Array): Map<string, string> {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  const texts = new Map<string, string>();
  for (let at = signatureLength; at + chunkOverhead <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (type === 'tEXt') texts.set(...splitText(data, 1, 'latin1'));
    // two flags, then an empty language and an empty translated key
    if (type === 'iTXt' && data[data.indexOf(0) + 1] === 0)
      texts.set(...splitText(data, 5, 'utf8'));
    at += length + chunkOverhead;
  }
  return texts;
}

function splitText(data: Buffer, gap: number, encoding: BufferEncoding): [string, string] {
  const end = data.indexOf(0);
  return [data.toString('latin1', 0, end), data.toString(encoding, end + gap)];
}

function withTexts(png: Uint8Array, texts: readonly (readonly [string, string])[]): Buffer {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  // Behind the header, which must be the first chunk.
  const place = signatureLength + bytes.readUInt32BE(signatureLength) + chunkOverhead;
  const chunks = texts.map(([key, text]) => textChunk(key, text));
  return Buffer.concat([bytes.subarray(0, place), ...chunks, bytes.subarray(place)]);
}

/** tEXt where Latin-1 can hold the text, which every reader understands, else iTXt. */
function textChunk(key: string, text: string): Buffer {
  const isLatin1 = [...text].every((character) => character.codePointAt(0)! < 256);
  const isXmp = key.startsWith('XML:');
  if (isLatin1 && !isXmp) return chunk('tEXt', `${key}\0`, Buffer.from(text, 'latin1'));
  return chunk('iTXt', `${key}\0\0\0\0\0`, Buffer.from(text, 'utf8'));
}

function chunk(type: string, begin: string, rest: Buffer): Buffer {
  const data = Buffer.concat([Buffer.from(begin, 'latin1'), rest]);
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const bytes = Buffer.alloc(data.length + chunkOverhead);
  bytes.writeUInt32BE(data.length, 0);
  typed.copy(bytes, 4);
  bytes.writeUInt32BE(crc32(typed), bytes.length - 4);
  return bytes;
}
