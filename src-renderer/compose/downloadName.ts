/** A file's name out of what is in it: "a my-cat cat and a backpack, seed 7.png". */
export function downloadName(
  { prompt, seed }: { readonly prompt: string; readonly seed: number },
  extension: string,
): string {
  const words = prompt
    .replace(/[^\p{L}\p{N} -]+/gu, '')
    .replace(/\s+/gu, ' ')
    .trim()
    .slice(0, 60)
    .trim();
  return `${words || 'picture'}, seed ${seed}.${extension}`;
}
