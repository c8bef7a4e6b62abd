import * as z from 'zod';
import type { DiffusionModel } from '../diffusion/model.ts';
import { createNoisePredictor, float32, type NoisePredictor } from '../diffusion/networks.ts';
import { timeEmbedding } from '../models/unet.ts';
import { timestepEmbedding } from '../nn/timestepEmbedding.ts';
import { createGraph } from '../tensor/graph.ts';
import { input } from '../tensor/ops/input.ts';
import { float32Data } from '../tensor/tensorData.ts';
import type { CaseReporter } from './caseReporter.ts';
import { comparePromptIds, encodePrompts, using, type VerificationContext } from './context.ts';
import type { GoldenFile } from './goldenFile.ts';

/** One call of the UNet: latents "x.<name>", output under `outputKey`, timesteps of each batch entry. */
interface UNetCase {
  readonly inputKey: string;
  readonly outputKey: string;
  readonly timesteps: readonly number[];
}

/** unet: forward passes at all stored sizes, batches and timesteps, and the embedding of timesteps. */
export async function verifyUNet(context: VerificationContext, cases: CaseReporter): Promise<void> {
  const file = cases.open(context.indexes.root, 'unet.safetensors');
  if (!file) return;
  const prompts = context.indexes.root?.section('unet_prompts', z.array(z.string()));
  if (file.has('ids')) comparePromptIds(context, cases, file, 'ids', prompts);
  await cases.attempt({ name: 'unet/hidden', file, keys: ['hidden'] }, async () => {
    cases.compare(file, 'hidden', await encodePrompts(context.model, file.idRows('ids')));
  });
  for (const group of groupBySize(file, unetCases(file))) {
    await runGroup(context.model, file, group, cases);
  }
  if (file.has('temb.t')) await verifyTimeEmbedding(context.model, file, cases);
}

/** Outputs "out.<name>.t<timestep>" of "x.<name>", and "out.<name>" with the timesteps "t.<name>". */
function unetCases(file: GoldenFile): UNetCase[] {
  return file.keys.flatMap((outputKey) => {
    const match = /^out\.(.+?)(?:\.t(\d+(?:\.\d+)?))?$/.exec(outputKey);
    if (!match) return [];
    const [, name, timestep] = match;
    const inputKey = `x.${name}`;
    if (!file.has(inputKey)) return [];
    if (timestep === undefined && !file.has(`t.${name}`)) return [];
    const timesteps =
      timestep === undefined
        ? file.integers(`t.${name}`)
        : new Array<number>(file.shape(inputKey)[0]).fill(Number(timestep));
    return [{ inputKey, outputKey, timesteps }];
  });
}

function groupBySize(file: GoldenFile, cases: readonly UNetCase[]): UNetCase[][] {
  return Object.values(Object.groupBy(cases, ({ inputKey }) => file.shape(inputKey).join('x'))).map(
    (group) => group ?? [],
  );
}

/** One graph serves all cases of a size. */
async function runGroup(
  model: DiffusionModel,
  file: GoldenFile,
  group: readonly UNetCase[],
  cases: CaseReporter,
): Promise<void> {
  const [batch, , height, width] = file.shape(group[0].inputKey);
  const keys = group.map(({ outputKey }) => outputKey);
  await cases.attempt({ name: `unet/${group[0].inputKey}`, file, keys }, async () => {
    const predictor = await createNoisePredictor(model, { batch, height, width });
    await using(predictor, async (owned) => {
      for (const unetCase of group) {
        const scope = { name: `unet/${unetCase.outputKey}`, file, keys: [unetCase.outputKey] };
        await cases.attempt(scope, async () => {
          const prediction = await predictStored(owned, file, unetCase);
          cases.compare(file, unetCase.outputKey, prediction);
        });
      }
    });
  });
}

/** The stored hidden states serve every batch: as many of their rows as it has. */
function predictStored(
  predictor: NoisePredictor,
  file: GoldenFile,
  { inputKey, timesteps }: UNetCase,
): Promise<Float32Array> {
  const hidden = file.rows('hidden').slice(0, timesteps.length);
  const joined = Float32Array.from(hidden.flatMap((row) => [...row]));
  return predictor.predict(file.floats(inputKey), timesteps, joined);
}

async function verifyTimeEmbedding(
  { configs, weights, compile }: DiffusionModel,
  file: GoldenFile,
  cases: CaseReporter,
): Promise<void> {
  const keys = ['temb.sin', 'temb.out'].filter((key) => file.has(key));
  await cases.attempt({ name: 'unet/temb', file, keys }, async () => {
    const shape = file.shape('temb.t');
    const timesteps = input('timesteps', shape);
    const outputs = {
      'temb.sin': timestepEmbedding(timesteps, configs.unet.blockOutChannels[0], configs.unet),
      'temb.out': timeEmbedding(weights.unet, configs.unet, timesteps),
    };
    await using(await compile(createGraph(outputs)), async ({ run }) => {
      const values = await run({ timesteps: float32Data(shape, file.floats('temb.t')) });
      for (const key of keys) cases.compare(file, key, float32(values[key]));
    });
  });
}
