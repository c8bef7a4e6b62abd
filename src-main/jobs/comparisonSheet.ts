import { createRequire } from 'node:module';
import sharp, { type OverlayOptions } from 'sharp';
import type { PictureEvaluation, PictureReport } from '../../src-shared/api.ts';
import type { ConceptDrift } from '../../src-shared/concept.ts';
import type { Layout } from '../../src-shared/layout.ts';
import { drawAttention } from './attentionPictures.ts';
import { unpackedPath } from './unpackedPath.ts';

export interface Comparison {
  /** Plain, semantic, spatial, both. */
  readonly pictures: readonly ComparedPicture[];
  /** Of one picture. */
  readonly width: number;
  readonly height: number;
  readonly layout?: Layout;
  /** Title of the sheet. */
  readonly prompt: string;
  /** Settings, below the pictures. */
  readonly caption: string;
}

type ComparedPicture = PictureReport & { readonly png: Uint8Array };

const margin = 32;
const gap = 28;
const smallGap = 8;
/** Pictures are shown at least so wide, so that their captions fit: small ones are enlarged in whole steps. */
const leastWidth = 360;
const columns = 2;
const colours = { paper: '#f7f6f3', ink: '#1d1d1b', muted: '#6b6862' };

const headings: Readonly<Record<string, readonly [string, string]>> = {
  plain: ['Plain', 'trained and composed as published'],
  semantic: ['Semantic', 'trained with anchors'],
  spatial: ['Spatial', 'composed along the layout'],
  both: ['Both', 'anchors and layout'],
};

/** What the small pictures are. */
const attentionLegend =
  'Small pictures: where the attention of each word lies, its box (dashed), and the share inside.';

/** A block of the sheet: its layers, placed from its own top left corner. */
interface Block {
  readonly layers: readonly OverlayOptions[];
  readonly width: number;
  readonly height: number;
}

/** The four pictures side by side with what was measured and where each word's attention lies, as PNG. */
export async function drawComparison(comparison: Comparison): Promise<Buffer> {
  const scale = Math.max(Math.ceil(leastWidth / comparison.width), 1);
  const size = { width: comparison.width * scale, height: comparison.height * scale };
  const inner = columns * cellWidth(comparison, size) + gap;
  // Before the captions: a font file that was used once is known from then on, and captions hold bold words.
  const title = await drawText(comparison.prompt, { size: 26, bold: true, width: inner });
  const width = cellWidth(comparison, size);
  const captions = await Promise.all(
    comparison.pictures.map((picture) => drawCaption(picture, width)),
  );
  // below the tallest, so that all pictures stand on one line
  const pictureTop = Math.max(...captions.map(({ height }) => height)) + smallGap;
  const cells = await Promise.all(
    comparison.pictures.map(async (picture, index): Promise<Block> => {
      const caption = { input: captions[index].data, left: 0, top: 0 };
      const layers = await drawPicture(picture, comparison, size, pictureTop);
      return { layers: [caption, ...layers], width, height: pictureTop + size.height };
    }),
  );
  const legend = comparison.layout ? [attentionLegend] : [];
  const footer = await drawText([...legend, comparison.caption].join('\n'), {
    size: 14,
    colour: colours.muted,
    width: inner,
  });

  const layers: OverlayOptions[] = [{ input: title.data, left: margin, top: margin }];
  let top = margin + title.height + gap;
  for (let first = 0; first < cells.length; first += columns) {
    const row = cells.slice(first, first + columns);
    for (const [column, cell] of row.entries()) {
      layers.push(...placed(cell, margin + column * (cell.width + gap), top));
    }
    top += Math.max(...row.map(({ height }) => height)) + gap;
  }
  layers.push({ input: footer.data, left: margin, top });
  const height = top + footer.height + margin;
  const paper = {
    width: inner + 2 * margin,
    height,
    channels: 3 as const,
    background: colours.paper,
  };
  return sharp({ create: paper }).composite(layers).png().toBuffer();
}

function placed({ layers }: Block, left: number, top: number): OverlayOptions[] {
  return layers.map((layer) => ({
    ...layer,
    left: left + (layer.left ?? 0),
    top: top + (layer.top ?? 0),
  }));
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Attention is drawn in a column beside the picture, as many maps as objects; two fill the picture's height. */
function attentionSize(objects: number, { width, height }: Size): Size {
  const share = (1 - (Math.max(objects, 2) - 1) * (smallGap / height)) / Math.max(objects, 2);
  return { width: Math.floor(width * share), height: Math.floor(height * share) };
}

function cellWidth({ layout }: Comparison, size: Size): number {
  const objects = layout?.objects.length ?? 0;
  return size.width + (objects > 0 ? smallGap + attentionSize(objects, size).width : 0);
}

/** A picture and its attention. */
async function drawPicture(
  picture: ComparedPicture,
  comparison: Comparison,
  size: Size,
  top: number,
): Promise<OverlayOptions[]> {
  const layers: OverlayOptions[] = [{ input: await enlarge(picture.png, size), left: 0, top }];
  const small = attentionSize(picture.attention?.length ?? 0, size);
  for (const [index, own] of (picture.attention ?? []).entries()) {
    const boxes = comparison.layout?.objects[index].boxes ?? [];
    const map = await drawAttention(picture.png, { ...own, boxes }, small);
    const left = size.width + smallGap;
    const ownTop = top + index * (small.height + smallGap);
    layers.push({ input: map, left, top: ownTop });
    layers.push(...placed(await drawLabel(labelOf(own), small.width), left, ownTop));
  }
  return layers;
}

function labelOf({ phrase, inside }: { readonly phrase: string; readonly inside: number }): string {
  return `${phrase}: ${Math.round(100 * inside)} %`;
}

/** Words on a dark band. */
async function drawLabel(text: string, width: number): Promise<Block> {
  const label = await drawText(text, { size: 12, colour: '#ffffff', width: width - 12 });
  const band = { width, height: label.height + 8, channels: 4 as const, background: '#000000a0' };
  const ground = await sharp({ create: band }).png().toBuffer();
  const layers = [
    { input: ground, left: 0, top: 0 },
    { input: label.data, left: 6, top: 4 },
  ];
  return { layers, width, height: band.height };
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
  const figures = escapeMarkup(figuresOf(picture).join('\n'));
  const second = `<span foreground="${colours.muted}" size="83%">${figures}</span>`;
  return drawMarkup(`${first}\n${second}`, { size: 16, width });
}

/** What was measured, in lines. */
function figuresOf({ concepts, evaluation }: PictureReport): string[] {
  const drifts = concepts.flatMap(({ token, drift }) =>
    drift ? [`${token}: ${describeDrift(drift)}`] : [],
  );
  return [...drifts, ...(evaluation ? evaluationLines(evaluation) : [])];
}

/** Not the percentile, which is 100 for whatever lies outside the vocabulary, however far. */
function describeDrift({ normRatio, classCosine }: ConceptDrift): string {
  const length = `${normRatio.toFixed(1)} times a word’s length`;
  return classCosine === undefined
    ? length
    : `${length}, cosine to its class word ${classCosine.toFixed(2)}`;
}

function evaluationLines({ textAlignment, imageAlignment, finds }: PictureEvaluation): string[] {
  const seen = finds?.map(({ className }) => className).join(', ') || 'nothing';
  const likeness = [
    ...(textAlignment === undefined ? [] : [`to the prompt ${textAlignment.toFixed(2)}`]),
    ...(imageAlignment === undefined ? [] : [`to the photos ${imageAlignment.toFixed(2)}`]),
  ];
  return [
    ...(finds ? [`detector sees: ${seen}`] : []),
    ...(likeness.length > 0 ? [`likeness ${likeness.join(', ')}`] : []),
  ];
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
  regular: unpackedPath(resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf')),
  bold: unpackedPath(resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf')),
};

/** Pango's markup is XML. */
function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
