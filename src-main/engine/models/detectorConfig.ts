/** config.json of a detector folder, written by tools/toybox/evaluators/detector.py. */
import * as z from 'zod';
import { fail, layerCount, parseKeys, positive, size } from './configKeys.ts';

const share = z.number('expected a number').gt(0, 'expected above 0').lt(1, 'expected below 1');

const detectorKeys = z.object({
  model_type: z.literal('center_detector', { error: 'expected "center_detector"' }),
  class_names: z
    .array(z.string('expected a text').min(1, 'expected a text'), 'expected a list of texts')
    .min(1, 'expected at least one class')
    .max(10_000, 'expected at most 10000 classes'),
  image_size: size,
  channels: z.array(size, 'expected a list of whole numbers').length(3, 'expected three numbers'),
  layers_per_block: layerCount,
  norm_num_groups: size,
  norm_eps: positive,
  score_threshold: share,
  overlap_threshold: share,
});

export interface DetectorConfig {
  readonly classNames: readonly string[];
  /** Side of the square picture, in pixels; a multiple of 8. */
  readonly imageSize: number;
  /** At a half, a quarter and an eighth of the picture's side. */
  readonly channels: readonly number[];
  readonly layersPerBlock: number;
  readonly normNumGroups: number;
  readonly normEps: number;
  /** Least score of a find, 0 to 1. */
  readonly scoreThreshold: number;
  /** Of two boxes of a class whose intersection over union is larger, the worse one is dropped. */
  readonly overlapThreshold: number;
}

/**
 * @param json  the parsed config.json
 * @param where the file, for messages
 * @throws ConfigError naming file, key, value and what was expected
 */
export function parseDetectorConfig(json: unknown, where: string): DetectorConfig {
  const keys = parseKeys(detectorKeys, json, where);
  const { class_names, image_size, channels, norm_num_groups } = keys;
  if (new Set(class_names).size !== class_names.length) {
    fail(where, 'class_names', class_names, 'expected every class once');
  }
  if (image_size % 8 !== 0) fail(where, 'image_size', image_size, 'expected a multiple of 8');
  if (channels.some((count) => count % norm_num_groups !== 0)) {
    fail(where, 'norm_num_groups', norm_num_groups, `expected a divisor of each of ${channels}`);
  }
  return {
    classNames: class_names,
    imageSize: image_size,
    channels,
    layersPerBlock: keys.layers_per_block,
    normNumGroups: norm_num_groups,
    normEps: keys.norm_eps,
    scoreThreshold: keys.score_threshold,
    overlapThreshold: keys.overlap_threshold,
  };
}
