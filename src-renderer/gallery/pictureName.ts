import type { KeptComposition } from '../../src-shared/composition.ts';

/** Longest part of a file name that comes from the prompt. */
const longest = 60;

/** File name for a picture that leaves the studio: words of its prompt and its seed, safe on every system. */
export function pictureName({ settings, way }: Pick<KeptComposition, 'settings' | 'way'>): string {
  const words = settings.prompt
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-zA-Z0-9]+/g, '-')
    .slice(0, longest)
    .replace(/^-+|-+$/g, '')
    .toLowerCase();
  return [words || 'picture', ...(way ? [way] : []), `seed-${settings.seed}`]
    .join('-')
    .concat('.png');
}

/**
 * What Chromium needs to make a file of a picture that is dragged out of the window: "type:name:address".
 *
 * @param address in full, with the origin
 */
export function dragOutText(address: string, name: string): string {
  return `image/png:${name}:${address}`;
}
