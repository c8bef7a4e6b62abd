import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

/** Writes `count` small photos into a new folder: discs of several colours before different grounds. */
export async function drawPhotos(folder: string, count: number): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const colours = ['#d08030', '#c07020', '#e09040'];
  for (let index = 0; index < count; index++) {
    const disc = `<circle cx="${40 + 10 * index}" cy="50" r="30" fill="${colours[index % 3]}"/>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="160" height="120">${disc}</svg>`;
    const ground = ['#406080', '#80a060', '#a08090'][index % 3];
    const picture = sharp(Buffer.from(svg)).flatten({ background: ground });
    await picture.jpeg().toFile(join(folder, `photo-${index + 1}.jpg`));
  }
}

/** A mask for each of those photos: white where the disc is. */
export async function drawMasks(folder: string, count: number): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < count; index++) {
    const disc = `<circle cx="${40 + 10 * index}" cy="50" r="30" fill="#fff"/>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="160" height="120">${disc}</svg>`;
    const picture = sharp(Buffer.from(svg)).flatten({ background: '#000' });
    await picture.png().toFile(join(folder, `photo-${index + 1}.png`));
  }
}
