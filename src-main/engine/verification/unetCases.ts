import * as z from 'zod';
import type { DiffusionModel } from '../diffusion/model.ts';
import { createNoisePredictor, float32, type NoisePredictor } from '../diffusion/networks.ts';
import { timeEmbedding } from '../models/unet.ts';
import { timestepEmbedding } from '../nn/timestepEmbedding.ts';
import { joinRows } from '../numbers.ts';
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
  /** Undefined where they stand in the file. */
  readonly timestep: number | undefined;
}

/** unet: forward passes at all stored sizes, batches and timesteps, and the embedding of timesteps. */
export async function verifyUNet(context: VerificationContext, cases: CaseReporter): Promise<void> {
  const file = cases.open(context.indexes.root, 'unet.safetensors');
  if (!file) return;
  await comparePromptIds(context, cases, file, 'ids', () =>
    context.indexes.root?.section('unet_prompts', z.array(z.string())),
  );
  await compareHidden(context, file, cases);
  for (const group of groupBySize(file, unetCases(file), cases)) {
    await runGroup(context.model, file, group, cases);
  }
  if (file.has('temb.t')) await verifyTimeEmbedding(context.model, file, cases);
}

/** Without ids the hidden states are taken as they stand: the text encoder has no part in them. */
async function compareHidden(
  { model }: VerificationContext,
  file: GoldenFile,
  cases: CaseReporter,
): Promise<void> {
  const scope = { name: 'unet/hidden', file, keys: ['hidden'] };
  if (!file.has('ids')) return cases.refuse(scope, 'no ids tell of which prompts they are');
  await cases.attempt(scope, async () => {
    cases.compare(file, 'hidden', await encodePrompts(model, file.idRows('ids')));
  });
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
    return [
      { inputKey, outputKey, timestep: timestep === undefined ? undefined : Number(timestep) },
    ];
  });
}

function groupBySize(
  file: GoldenFile,
  unetCases: readonly UNetCase[],
  cases: CaseReporter,
): UNetCase[][] {
  const groups = new Map<string, UNetCase[]>();
  for (const unetCase of unetCases) {
    const { inputKey, outputKey } = unetCase;
    const scope = { name: `unet/${outputKey}`, file, keys: [inputKey, outputKey] };
    const size = cases.read(scope, () => file.shape(inputKey).join('x'));
    if (size !== undefined) groups.set(size, [...(groups.get(size) ?? []), unetCase]);
  }
  return [...groups.values()];
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

/** The prediction for stored latents, all at one timestep. @param hidden [batch, tokens, hiddenSize] */
export async function predictAt(
  model: DiffusionModel,
  { file, key }: { readonly file: GoldenFile; readonly key: string },
  timestep: number,
  hidden: Float32Array,
): Promise<Float32Array> {
  const [batch, , height, width] = file.shape(key);
  const timesteps = new Array<number>(batch).fill(timestep);
  const predictor = await createNoisePredictor(model, { batch, height, width });
  return using(predictor, (owned) => owned.predict(file.floats(key), timesteps, hidden));
}

/** The stored hidden states serve every batch: as many of their rows as it has, from the first again after the last. */
function predictStored(
  predictor: NoisePredictor,
  file: GoldenFile,
  { inputKey, timestep }: UNetCase,
): Promise<Float32Array> {
  const [batch] = file.shape(inputKey);
  const timesteps =
    timestep === undefined
      ? file.integers(inputKey.replace(/^x/, 't'))
      : new Array<number>(batch).fill(timestep);
  const rows = file.rows('hidden');
  const hidden = Array.from({ length: batch }, (_, row) => rows[row % rows.length]);
  return predictor.predict(file.floats(inputKey), timesteps, joinRows(hidden));
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
