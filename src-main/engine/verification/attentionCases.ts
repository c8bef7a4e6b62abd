import * as z from 'zod';
import type { DiffusionModel } from '../diffusion/model.ts';
import { float32 } from '../diffusion/networks.ts';
import { type AttentionMap, unet } from '../models/unet.ts';
import { createGraph } from '../tensor/graph.ts';
import { input } from '../tensor/ops/input.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { float32Data } from '../tensor/tensorData.ts';
import type { CaseReporter } from './caseReporter.ts';
import {
  comparePromptIds,
  encodePrompts,
  numberIn,
  using,
  type VerificationContext,
} from './context.ts';
import type { GoldenFile } from './goldenFile.ts';

/** attn: what the cross-attention layers look at, for every stored latent "<set>.x". */
export async function verifyAttention(
  context: VerificationContext,
  cases: CaseReporter,
): Promise<void> {
  const file = cases.open(context.indexes.root, 'attn.safetensors');
  if (!file) return;
  await comparePromptIds(context, cases, file, 'ids', () => {
    const prompt = context.indexes.root?.section('attn_prompt', z.string());
    return prompt === undefined ? undefined : [prompt];
  });
  await cases.attempt({ name: 'attn/hidden', file, keys: ['hidden'] }, async () => {
    const key = 'placeholder_embedding';
    const row = file.has(key) ? file.floats(key) : undefined;
    cases.compare(file, 'hidden', await encodePrompts(context.model, file.idRows('ids'), row));
  });
  for (const inputKey of file.keys.filter((key) => /(^|\.)x$/.test(key))) {
    await cases.attempt({ name: `attn/${inputKey}`, file, keys: setOf(file, inputKey) }, () =>
      verifySet(context.model, file, inputKey, cases),
    );
  }
}

/** The tensors "<set>.<name>" of a set's latent "<set>.x", or those of no set. */
function setOf(file: GoldenFile, inputKey: string): string[] {
  const prefix = inputKey.slice(0, -1);
  const ofNoSet = /^(x|out|(down|up)\.\d+\.\d+|mid\.\d+)$/;
  return file.keys.filter((key) => (prefix === '' ? ofNoSet.test(key) : key.startsWith(prefix)));
}

async function verifySet(
  { configs, weights, compile }: DiffusionModel,
  file: GoldenFile,
  inputKey: string,
  cases: CaseReporter,
): Promise<void> {
  const prefix = inputKey.slice(0, -1);
  const timestep = numberIn(file.meaning(inputKey), /\bt = ([\d.]+\d|\d)/);
  if (timestep === undefined) {
    return cases.unsupported(`attn/${inputKey}`, 'its meaning names no timestep "t = ..."');
  }
  const sampleShape = file.shape(inputKey);
  const [batch] = sampleShape;
  const shapes = { sample: sampleShape, timesteps: [batch], hidden: file.shape('hidden') };
  const { prediction, attentionMaps } = unet(weights.unet, configs.unet, {
    sample: input('sample', shapes.sample),
    timesteps: input('timesteps', shapes.timesteps),
    encoderHiddenStates: input('hidden', shapes.hidden),
  });
  const outputs = Object.entries({ out: prediction, ...namedMaps(attentionMaps) })
    .map(([name, tensor]) => [prefix + name, tensor] as const)
    .filter(([key]) => file.has(key));
  const keys = outputs.map(([key]) => key);
  await using(await compile(createGraph(Object.fromEntries(outputs))), async ({ run }) => {
    const values = await run({
      sample: float32Data(shapes.sample, file.floats(inputKey)),
      timesteps: float32Data(shapes.timesteps, new Float32Array(batch).fill(timestep)),
      hidden: float32Data(shapes.hidden, file.floats('hidden')),
    });
    for (const key of keys) cases.compare(file, key, float32(values[key]));
  });
}

/** "<place>.<block>.<layer>", blocks counted among those of their place that have attention; the mid block has one. */
function namedMaps(maps: readonly AttentionMap[]): Record<string, Tensor> {
  const blocks = { down: new Set<number>(), mid: new Set<number>(), up: new Set<number>() };
  return Object.fromEntries(
    maps.map(({ place, block, layer, probabilities }) => {
      const index = blocks[place].add(block).size - 1;
      const name = place === 'mid' ? `mid.${layer}` : `${place}.${index}.${layer}`;
      return [name, probabilities];
    }),
  );
}
