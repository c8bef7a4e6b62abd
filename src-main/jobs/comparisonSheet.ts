import { createRequire } from 'node:module';
import sharp, { type OverlayOptions } from 'sharp';
import type { PictureReport } from '../../src-shared/api.ts';

export interface Comparison {
  /** Plain, semantic, spatial, both. */
  readonly pictures: readonly (PictureReport & { readonly png: Uint8Array })[];
  /** Of one picture. */
  readonly width: number;
  readonly height: number;
  /** Title of the sheet. */
  readonly prompt: string;
  /** Settings, below the pictures. */
  readonly caption: string;
}

const margin = 32;
const gap = 24;
/** Pictures are shown at least so wide, so that their captions fit: small ones are enlarged in whole steps. */
const leastWidth = 360;
const colours = { paper: '#f7f6f3', ink: '#1d1d1b', muted: '#6b6862' };

const headings: Readonly<Record<string, readonly [string, string]>> = {
  plain: ['Plain', 'trained and composed as published'],
  semantic: ['Semantic', 'trained with anchors'],
  spatial: ['Spatial', 'composed along the layout'],
  both: ['Both', 'anchors and layout'],
};

/** The four pictures side by side with what was measured, as PNG. */
export async function drawComparison(comparison: Comparison): Promise<Buffer> {
  const scale = Math.max(Math.ceil(leastWidth / comparison.width), 1);
  const cell = { width: comparison.width * scale, height: comparison.height * scale };
  const sheetWidth = 2 * cell.width + gap + 2 * margin;
  const inner = sheetWidth - 2 * margin;
  // Before the captions: a font file that was used once is known from then on, and captions hold bold words.
  const title = await drawText(comparison.prompt, { size: 24, bold: true, width: inner });
  const captions = await Promise.all(
    comparison.pictures.map((one) => drawCaption(one, cell.width)),
  );
  const pictures = await Promise.all(comparison.pictures.map(({ png }) => enlarge(png, cell)));
  const footer = await drawText(comparison.caption, {
    size: 13,
    colour: colours.muted,
    width: inner,
  });

  const layers: OverlayOptions[] = [{ input: title.data, left: margin, top: margin }];
  let top = margin + title.height + gap;
  for (const row of [0, 2]) {
    const captionHeight = Math.max(captions[row].height, captions[row + 1].height);
    for (const [column, index] of [row, row + 1].entries()) {
      const left = margin + column * (cell.width + gap);
      layers.push({ input: pictures[index], left, top: top + captionHeight + 10 });
      layers.push({ input: captions[index].data, left, top });
    }
    top += captionHeight + 10 + cell.height + gap;
  }
  layers.push({ input: footer.data, left: margin, top });
  const height = top + footer.height + margin;
  const paper = { width: sheetWidth, height, channels: 3 as const, background: colours.paper };
  return sharp({ create: paper }).composite(layers).png().toBuffer();
}

/** Pixels stay pixels: a small picture is not made to look like a better one. */
function enlarge(png: Uint8Array, { width, height }: { width: number; height: number }) {
  return sharp(png).resize(width, height, { kernel: 'nearest' }).png().toBuffer();
}

interface DrawnText {
  readonly data: Buffer;
  readonly height: number;
}

async function drawCaption(picture: PictureReport, width: number): Promise<DrawnText> {
  const [name, way] = headings[picture.name] ?? [picture.name, ''];
  const first = `<b>${escapeMarkup(name)}</b>  <span foreground="${colours.muted}">${escapeMarkup(way)}</span>`;
  const figures = escapeMarkup(figuresOf(picture));
  const second = `<span foreground="${colours.muted}" size="83%">${figures}</span>`;
  return drawMarkup(`${first}\n${second}`, { size: 16, width });
}

/** What was measured: how far out the concept lies, and how much attention lies in the boxes. */
function figuresOf({ attention, concepts }: PictureReport): string {
  const drifts = concepts
    .filter(({ drift }) => drift)
    .map(
      ({ token, drift }) => `${token} farther out than ${Math.round(drift!.percentile)} % of words`,
    );
  const shares = (attention ?? []).map(
    ({ phrase, inside }) => `${phrase} ${Math.round(100 * inside)} %`,
  );
  if (shares.length > 0) drifts.push(`attention in its box: ${shares.join(', ')}`);
  return drifts.join('\n');
}

interface TextStyle {
  readonly size: number;
  readonly width: number;
  readonly bold?: boolean;
  readonly colour?: string;
}

function drawText(text: string, style: TextStyle): Promise<DrawnText> {
  return drawMarkup(escapeMarkup(text), style);
}

/** The same letters on every machine: the fonts are a dependency, those of the system only fill in what they lack. */
async function drawMarkup(
  markup: string,
  { size, width, bold = false, colour = colours.ink }: TextStyle,
): Promise<DrawnText> {
  const { data, info } = await sharp({
    text: {
      text: `<span foreground="${colour}">${markup}</span>`,
      font: `DejaVu Sans ${bold ? 'Bold ' : ''}${size}`,
      fontfile: bold ? fontFiles.bold : fontFiles.regular,
      // 72 dots per inch: sizes are pixels
      dpi: 72,
      width,
      rgba: true,
      wrap: 'word-char',
    },
  })
    .png()
    .toBuffer({ resolveWithObject: true });
  return { data, height: info.height };
}

const { resolve } = createRequire(import.meta.url);
const fontFiles = {
  regular: resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'),
  bold: resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'),
};

/** Pango's markup is XML. */
function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
