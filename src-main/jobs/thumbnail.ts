import sharp from 'sharp';

/** Pixels of the longer side. */
const longestSide = 512;

/** A small WebP of a picture; one that is small already keeps its size. */
export function drawThumbnail(picture: Uint8Array): Promise<Buffer> {
  const inside = { fit: 'inside', withoutEnlargement: true } as const;
  return sharp(picture).resize(longestSide, longestSide, inside).webp({ quality: 85 }).toBuffer();
}
