import { statfs } from 'node:fs/promises';
import type { Engine } from '../engine/host.ts';
import { defaultFolder } from '../library/defaultFolder.ts';
import { openWindowStudio } from '../studio/windowStudio.ts';
import type { StudioPort } from './studioPort.ts';

export interface StudioOptions {
  /** Where the library lies; the user's own where absent. */
  readonly folder?: string | undefined;
  readonly shell: 'electron' | 'browser';
  readonly createEngine?: () => Engine;
}

/** @throws InputError where the library cannot be opened, such as by another Tessera that has it open */
export async function openStudio(options: StudioOptions): Promise<StudioPort> {
  const { folder = defaultFolder(), ...others } = options;
  const studio = await openWindowStudio({ folder, ...others });
  return { ...studio, freeBytes: () => freeBytesAt(folder) };
}

async function freeBytesAt(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
