import { access } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { CallOutput, CallRequest } from '../../src-shared/api.ts';
import { InputError } from '../../src-shared/inputError.ts';
import type { JobOptions } from '../../src-shared/job.ts';
import { parseLayoutPriorText, parseLayoutText } from '../../src-shared/layout.ts';
import type { Engine } from '../engine/host.ts';
import type { EngineParams, EngineResult } from '../engine/protocol.ts';
import { type GenerationParameters, withGenerationInfo } from '../pictureFiles/pngInfo.ts';
import { drawComparison } from './comparisonSheet.ts';
import { plainPathOf } from './conceptPaths.ts';
import { checkOutput, writeOutput } from './outputFile.ts';
import { captionOf, pictureParameters } from './pictureParameters.ts';
import { readInputText } from './readInputText.ts';

type Input = CallRequest<'composePreview'>;
type Files = Pick<Input, 'out' | 'layout' | 'compare'>;
type Params = EngineParams<'composePictures'>;
type Composed = EngineResult<'composePictures'>;

/** Composes one picture, or the comparison of four, and writes it as PNG with its settings inside. */
export async function composePreview(
  engine: Engine,
  input: Input,
  options: JobOptions,
): Promise<CallOutput<'composePreview'>> {
  const start = performance.now();
  const { concepts, compare, layout: _, out, ...shared } = input;
  const layout = await requireFiles(input);
  const pictures = compare ? await comparedPictures(concepts) : [onePicture(concepts, layout)];
  const composed = await engine.call('composePictures', { ...shared, pictures, layout }, options);
  const parameters = parametersOf(input, composed);
  const picture = compare
    ? await drawComparison({ ...composed, prompt: input.prompt, caption: captionOf(parameters) })
    : composed.pictures[0].png;
  await writeOutput(out, withGenerationInfo(picture, parameters));
  return {
    picture: out,
    pictures: composed.pictures.map(({ png, ...report }) => report),
    width: composed.width,
    height: composed.height,
    seconds: (performance.now() - start) / 1000,
  };
}

/**
 * Looks whether a picture can be composed once its concepts are trained, which may take hours.
 *
 * @throws InputError as {@link composePreview} would
 */
export async function checkComposition(
  engine: Engine,
  input: CallRequest<'checkComposition'>,
  options: JobOptions,
): Promise<CallOutput<'checkComposition'>> {
  const { compare: _, out: __, ...shared } = input;
  const layout = await requireFiles(input);
  return engine.call('checkComposition', { ...shared, layout }, options);
}

/** @returns the layout @throws InputError where it cannot be read, or the picture not be written */
async function requireFiles(input: Files): Promise<Params['layout']> {
  await checkOutput(input.out, '.png');
  return layoutOf(input);
}

/** A comparison always has a layout: two of its pictures follow it, all are measured by it. */
async function layoutOf({ layout, compare }: Files): Promise<Params['layout']> {
  if (layout?.kind !== 'file')
    return layout ?? (compare ? { kind: 'auto', samples: 4 } : undefined);
  if (extname(layout.path) === '.safetensors') return { kind: 'recovery', path: layout.path };
  const text = await readInputText(layout.path, 'a layout');
  if (isHarvest(text)) {
    return { kind: 'prior', prior: parseLayoutPriorText(text, layout.path) };
  }
  return { kind: 'given', layout: parseLayoutText(text, layout.path) };
}

/** Harvested files have samples, layouts have none; whatever else it is, the layout's parser tells. */
function isHarvest(text: string): boolean {
  try {
    return Object.hasOwn(Object(JSON.parse(text)), 'samples');
  } catch {
    return false;
  }
}

function onePicture(concepts: string[], layout: Params['layout']): Params['pictures'][number] {
  return { name: 'picture', concepts, spatial: layout !== undefined };
}

/** Semantic inversion acts while training: a comparison needs each concept trained with and without it. */
async function comparedPictures(semantic: string[]): Promise<Params['pictures']> {
  if (semantic.length === 0) {
    throw new InputError('a comparison needs a concept: name its file with --concept');
  }
  const plain = semantic.map(plainPathOf);
  for (const [index, path] of plain.entries()) {
    const exists = await access(path).then(
      () => true,
      () => false,
    );
    if (exists) continue;
    throw new InputError(
      `${path} not found: a comparison needs ${semantic[index]} trained without anchors too; "tessera train --compare" trains both`,
    );
  }
  return [
    { name: 'plain', concepts: plain, spatial: false },
    { name: 'semantic', concepts: semantic, spatial: false },
    { name: 'spatial', concepts: plain, spatial: true },
    { name: 'both', concepts: semantic, spatial: true },
  ];
}

function parametersOf(input: Input, composed: Composed): GenerationParameters {
  return pictureParameters({
    ...input,
    width: composed.width,
    height: composed.height,
    layout: composed.layout,
    modelName: basename(input.model, '.safetensors'),
    conceptNames: input.concepts.map((path) => basename(path)),
  });
}
