/** Pictures that a window may show. Everything else is only ever downloaded: a served page could act as the window. */
const pictures: readonly { readonly type: string; readonly matches: (head: string) => boolean }[] =
  [
    { type: 'image/png', matches: (head) => head.startsWith('\x89PNG\r\n\x1a\n') },
    { type: 'image/jpeg', matches: (head) => head.startsWith('\xff\xd8\xff') },
    {
      type: 'image/webp',
      matches: (head) => head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP',
    },
    { type: 'image/avif', matches: (head) => /^.{4}ftypavi[fs]/s.test(head) },
  ];

/** Bytes that {@link blobType} looks at. */
export const headLength = 12;

/** @param head the first bytes of a file */
export function blobType(head: Uint8Array): string {
  const text = Buffer.from(head).toString('latin1');
  return pictures.find(({ matches }) => matches(text))?.type ?? 'application/octet-stream';
}
