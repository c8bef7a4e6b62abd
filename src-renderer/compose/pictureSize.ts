import type { ModelRecord } from '../../src-shared/modelRecord.ts';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Where a model does not say what it was made for. */
const usualSide = 512;

/** The chosen size, or the model's own. */
export function pictureSize(
  size: PictureSize | undefined,
  model: Pick<ModelRecord, 'nativeSize'> | undefined,
): PictureSize {
  const side = model?.nativeSize ?? usualSide;
  return size ?? { width: side, height: side };
}

/** Why a size cannot be composed; undefined where it can. */
export function sizeProblem({ width, height }: PictureSize, step: number): string | undefined {
  const sides = [width, height];
  if (sides.some((side) => !Number.isInteger(side) || side % step !== 0)) {
    return `Both sides must be multiples of ${step} pixels.`;
  }
  return sides.every((side) => side >= 8 && side <= 4096)
    ? undefined
    : 'Both sides must have 8 to 4096 pixels.';
}
