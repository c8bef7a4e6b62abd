import type { StudioOutput } from '../../src-shared/studioApi.ts';

export interface StoragePart {
  readonly label: string;
  readonly bytes: number;
  /** Of the whole library, 0 to 1. */
  readonly share: number;
  /** A colour's name in the theme. */
  readonly colour: string;
}

/** What the library consists of. */
export function storageParts(storage: StudioOutput<'storage'>): StoragePart[] {
  const { blobBytes, checkpointBytes, databaseBytes } = storage;
  const parts = [
    { label: 'Pictures, photos and concepts', bytes: blobBytes, colour: 'tile-1' },
    { label: 'Trainings under way', bytes: checkpointBytes, colour: 'tile-2' },
    { label: 'Database', bytes: databaseBytes, colour: 'tile-3' },
  ];
  const whole = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  return parts.map((part) => ({ ...part, share: whole > 0 ? part.bytes / whole : 0 }));
}
