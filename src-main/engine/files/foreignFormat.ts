/** What the first bytes of a file say about it. */
export interface ForeignFormat {
  readonly kind: 'zip' | 'pickle' | 'picture' | 'other';
  /** Named in messages, after "is". */
  readonly description: string;
  readonly advice: string;
}

const convertPickle =
  'Pickles can run any program when they are opened, so Tessera opens none as a checkpoint: convert the file to ' +
  '.safetensors (in the program it came from) or download its .safetensors version. Of a concept that another ' +
  'program wrote, "tessera import" reads the numbers alone.';

const signatures: readonly { start: readonly number[]; format: ForeignFormat }[] = [
  pickle('zip', [0x50, 0x4b, 0x03, 0x04], 'a pickle in a zip archive, as torch.save writes it'),
  ...[1, 2, 3, 4, 5].map((protocol) =>
    pickle('pickle', [0x80, protocol], `a pickle, protocol ${protocol}`),
  ),
  other('GGUF', 'a GGUF file', 'Give the .safetensors version of the checkpoint.'),
  other(
    'version https://git-lfs',
    'a Git LFS pointer, not the file itself',
    'Fetch the file with "git lfs pull".',
  ),
  other('<', 'a web page', 'The download went wrong: fetch the file again.'),
  other('\x89HDF', 'an HDF5 file', 'Give the .safetensors version of the checkpoint.'),
  other('\x89PNG', 'a picture', 'Give a .safetensors file.', 'picture'),
];

function pickle(kind: 'zip' | 'pickle', start: readonly number[], description: string) {
  return { start, format: { kind, description, advice: convertPickle } };
}

function other(
  start: string,
  description: string,
  advice: string,
  kind: ForeignFormat['kind'] = 'other',
) {
  const format = { kind, description, advice };
  return { start: [...Buffer.from(start, 'latin1')], format };
}

/** The format that the first bytes belong to, or undefined where they may begin a .safetensors file. */
export function foreignFormat(firstBytes: Uint8Array): ForeignFormat | undefined {
  // A header length can look like any signature; the brace after it cannot stand in the other formats.
  if (firstBytes[8] === 0x7b) return undefined;
  return signatures.find(({ start }) => start.every((byte, at) => firstBytes[at] === byte))?.format;
}
