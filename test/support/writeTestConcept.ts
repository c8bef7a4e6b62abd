import { openCheckpoint } from '../../src-main/engine/checkpoint/checkpoint.ts';
import { writeConcept } from '../../src-main/engine/concepts/conceptFile.ts';
import { RandomStream } from '../../src-main/engine/diffusion/random.ts';
import {
  attentionLora,
  changeShapes,
  crossAttentionKeysAndValues,
  type UNetChange,
} from '../../src-main/engine/inversion/trainables.ts';
import { placeholderRowsName } from '../../src-main/engine/inversion/trainExpression.ts';
import { trainedParts } from '../../src-main/engine/inversion/trainedParts.ts';
import { elementCount } from '../../src-main/engine/tensor/shape.ts';
import type { ConceptDescription, TrainingMethod } from '../../src-shared/concept.ts';
import { toyboxFolder } from './toybox.ts';

/** A concept for tiny-sd1 as textual inversion leaves it, with random rows. */
export function writeTestConcept(path: string, changes: Partial<ConceptDescription> = {}): void {
  const description: ConceptDescription = {
    version: 1,
    token: '<my-cat>',
    vectors: 2,
    classWord: 'cat',
    method: 'textual-inversion',
    variant: 'semantic',
    family: 'sd1',
    width: 32,
    modelName: 'tiny-sd1',
    seed: 0,
    steps: 3,
    loss: 0.5,
    anchors: [],
    ...changes,
  };
  const random = RandomStream.create(changes.seed ?? 0, 'test concept');
  const rows = random.normal(description.vectors * description.width);
  writeConcept(path, description, { rows, replaced: new Map(), lora: new Map() });
}

/** A concept for Toybox of one vector and of any method, with random rows and small random weights. */
export function writeToyboxConcept(path: string, changes: Partial<ConceptDescription> = {}): void {
  const { configs } = openCheckpoint(toyboxFolder);
  const width = configs.textEncoder.hiddenSize;
  const lora = { rank: 2, alpha: 4 };
  const changeOf: Readonly<Record<TrainingMethod, () => UNetChange>> = {
    'textual-inversion': () => ({ kind: 'none' }),
    'custom-diffusion': () => crossAttentionKeysAndValues(configs.unet),
    'lora-dreambooth': () => attentionLora(configs.unet, lora),
    dreambooth: () => ({ kind: 'none' }),
  };
  const description: ConceptDescription = {
    ...{ version: 1, token: '<thing>', vectors: 1, classWord: 'cat', method: 'textual-inversion' },
    ...{ variant: 'semantic', family: 'sd1', width, modelName: 'toybox', seed: 0, steps: 3 },
    ...{ loss: 0.5, anchors: [] },
    ...changes,
  };
  const change = changeOf[description.method]();
  const random = RandomStream.create(changes.seed ?? 0, 'toybox concept');
  const values = Object.fromEntries(
    [...changeShapes(change)].map(([name, shape]) => [
      name,
      random.normal(elementCount(shape)).map((value) => value / 10),
    ]),
  );
  const rows = random.normal(description.vectors * description.width).map((value) => value / 10);
  const parts = trainedParts(change, { ...values, [placeholderRowsName]: rows });
  const isLora = description.method === 'lora-dreambooth';
  writeConcept(path, { ...description, ...(isLora && { lora }) }, parts);
}
