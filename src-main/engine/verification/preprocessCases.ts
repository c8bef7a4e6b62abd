import * as z from 'zod';
import { InputError } from '../../../src-shared/inputError.ts';
import { coverRaster, placeImage } from '../images/prepareImage.ts';
import { flipHorizontal, type Raster, toPixels } from '../images/raster.ts';
import { type ResampleFilter, resizeRaster } from '../images/resample.ts';
import { augmentScale, lossMask } from '../images/scaleAugmentation.ts';
import type { CaseReporter } from './caseReporter.ts';
import { exactly, type Numbers } from './caseResult.ts';
import type { VerificationContext } from './context.ts';
import type { GoldenFile } from './goldenFile.ts';
import { parseGolden } from './goldenIndex.ts';
import { openShared } from './sharedFiles.ts';

const size = z.int().positive();
const place = z.int().nonnegative();
const range = z.tuple([place, place]);
const placement = z.object({ scale: size, top: place, left: place });

const maskSchema = placement.extend({
  size,
  mask_size: size,
  ones_rows: range,
  ones_cols: range,
  sum: z.number(),
});

const pictureSchema = z.object({ source: z.string(), target: size });

const augmentationSchema = z.looseObject({ size, mask_size: size, filter: z.string() });

/** Each case is parsed by itself. */
const indexSchema = z.object({
  cases: z.array(z.unknown()),
  masks: z.array(z.unknown()).optional(),
  aug: z.unknown().optional(),
});

/** As the reference's README recommends: pictures of 8 bits differ by one level at most. */
const pictureTolerance = { tolerance: 1, measure: 'levels' } as const;

/** What is made of a source picture, by the words in the key: "<i>.<what>.<filter>". */
const makers: Readonly<
  Record<string, (source: Raster, target: number, filter: ResampleFilter) => Numbers>
> = {
  square: (source, target, filter) => resizeRaster(source, target, target, filter).data,
  flip: (source, target, filter) =>
    resizeRaster(flipHorizontal(source), target, target, filter).data,
  centercrop: (source, target, filter) => coverRaster(source, target, target, filter).data,
  tensor: (source, target, filter) =>
    toLevels(
      toPixels(placeImage(source, { width: target, height: target, fit: 'squash' }, filter)),
    ),
};

const filters: readonly ResampleFilter[] = ['box', 'bilinear', 'bicubic', 'lanczos'];

/** preprocess: resizing, crops, augmentation and loss masks of the official datasets. */
export async function verifyPreprocessing(
  context: VerificationContext,
  cases: CaseReporter,
): Promise<void> {
  const pair = openShared(context, cases, 'preprocess', indexSchema);
  if (!pair) return;
  const { index, file } = pair;
  for (const [number, described] of index.cases.entries()) {
    const name = `preprocess/cases/${number}`;
    await cases.attempt({ name }, async () => {
      const { source, target } = parseGolden(pictureSchema, described, name);
      await verifyPicture(cases, file, source, target);
    });
  }
  for (const [number, described] of (index.masks ?? []).entries()) {
    const name = `preprocess/masks/${number}`;
    cases.read({ name }, () => compareMask(cases, name, parseGolden(maskSchema, described, name)));
  }
  if (index.aug === undefined) return;
  await cases.attempt({ name: 'preprocess/aug' }, () =>
    verifyAugmentation(cases, file, parseGolden(augmentationSchema, index.aug, 'preprocess/aug')),
  );
}

async function verifyPicture(
  cases: CaseReporter,
  file: GoldenFile,
  sourceKey: string,
  target: number,
): Promise<void> {
  const prefix = sourceKey.replace(/source$/, '');
  for (const key of file.keys.filter((own) => own.startsWith(prefix))) {
    const [what, filterName] = key.slice(prefix.length).split('.');
    const filter = filters.find((known) => known === filterName);
    const make = makers[what];
    if (!make || !filter) continue;
    await cases.attempt({ name: `${file.label}/${key}`, file, keys: [key] }, async () => {
      compareLevels(cases, file, key, make(rasterOf(file, sourceKey), target, filter));
    });
  }
}

/** Pictures as tensors in [-1, 1] are compared in levels as well. */
function compareLevels(cases: CaseReporter, file: GoldenFile, key: string, found: Numbers): void {
  file.settle(key);
  const stored = file.numbers(key);
  const expected = stored instanceof Float32Array ? toLevels(stored) : stored;
  cases.compareValues(`${file.label}/${key}`, found, expected, pictureTolerance);
}

/** [-1, 1] -> [0, 255], not rounded. */
function toLevels(pixels: Float32Array): Float32Array {
  return pixels.map((value) => (value + 1) * 127.5);
}

function rasterOf(file: GoldenFile, key: string): Raster {
  const data = file.numbers(key);
  const [height, width, channels] = file.shape(key);
  if (data instanceof Uint8Array) return { width, height, channels, data };
  throw new InputError(`'${key}' is no picture of 8 bits`);
}

function compareMask(
  cases: CaseReporter,
  name: string,
  {
    size,
    mask_size: maskSize,
    ones_rows: rows,
    ones_cols: columns,
    ...placed
  }: z.infer<typeof maskSchema>,
): void {
  const mask = lossMask({ size, maskSize }, placed);
  const isOne = (row: number, column: number) =>
    row >= rows[0] && row < rows[1] && column >= columns[0] && column < columns[1];
  const expected = mask.map((_, cell) =>
    Number(isOne(Math.floor(cell / maskSize), cell % maskSize)),
  );
  cases.compareValues(name, mask, expected, exactly);
}

async function verifyAugmentation(
  cases: CaseReporter,
  file: GoldenFile,
  aug: z.infer<typeof augmentationSchema>,
): Promise<void> {
  const filter = filters.find((known) => known === aug.filter);
  for (const [name, value] of Object.entries(aug)) {
    const placed = placement.safeParse(value);
    const keys = [`aug.${name}`, `aug.${name}.mask`].filter((key) => file.has(key));
    if (!placed.success || keys.length === 0) continue;
    await cases.attempt({ name: `${file.label}/aug.${name}`, file, keys }, async () => {
      if (!filter) throw new InputError(`the filter "${aug.filter}"`);
      const sizes = { size: aug.size, maskSize: aug.mask_size };
      const { pixels, mask } = augmentScale(
        rasterOf(file, 'aug.source'),
        sizes,
        placed.data,
        filter,
      );
      compareLevels(cases, file, keys[0], toLevels(pixels));
      if (keys[1]) cases.compare(file, keys[1], mask, exactly);
    });
  }
}
