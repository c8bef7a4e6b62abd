import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { messageOf } from '../../../src-shared/caught.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { type DiffusionModel, latentFactor } from '../diffusion/model.ts';
import { createImageEncoder } from '../diffusion/networks.ts';
import type { Weights } from '../nn/weights.ts';
import { joinRows } from '../numbers.ts';
import { mul } from '../tensor/ops/mul.ts';
import { decodeUnscaled } from './autoencoderCases.ts';
import type { CaseReporter } from './caseReporter.ts';
import { encodePrompts, using, type VerificationContext } from './context.ts';
import { GoldenError, GoldenFile } from './goldenFile.ts';
import { entriesSchema, parseGolden, readGoldenJson } from './goldenIndex.ts';
import { predictAt } from './unetCases.ts';

const probeSchema = z.object({
  factor: z.number(),
  rules: z.object({ unet: z.string(), vae: z.string(), text: z.string() }),
  outputs: z.record(z.string(), z.string()),
  tensors: entriesSchema,
});

type Probe = z.infer<typeof probeSchema>;

/** What of index.json's files a probe takes. */
interface ProbeInputs {
  readonly model: DiffusionModel;
  readonly file: (name: string) => GoldenFile;
}

/**
 * The outputs that a probe may hold, by the words in which it says how they are made. Undefined where the words are
 * not these.
 */
const outputs: readonly ((
  words: string,
  inputs: ProbeInputs,
) => Promise<Float32Array> | undefined)[] = [
  (words, { model, file }) => {
    const match =
      /^x = (\S+\.safetensors) (\S+), t = ([\d.]*\d), hidden row (\d+) of (\S+\.safetensors)$/.exec(
        words,
      );
    if (!match) return undefined;
    const [, sampleFile, sampleKey, timestep, row, hiddenFile] = match;
    const sample = { file: file(sampleFile), key: sampleKey };
    const [batch] = sample.file.shape(sampleKey);
    const hidden = file(hiddenFile).rows('hidden')[Number(row)];
    const rows = joinRows(new Array<Float32Array>(batch).fill(hidden));
    return predictAt(model, sample, Number(timestep), rows);
  },
  (words, { model, file }) => {
    const match = /^encode of (\S+\.safetensors) (\S+): latent_dist\.mean$/.exec(words);
    return match ? encodeMean(model, file(match[1]), match[2]) : undefined;
  },
  (words, { model, file }) => {
    const match = /^decode of (\S+\.safetensors) (\S+)$/.exec(words);
    return match ? decodeUnscaled(model, file(match[1]), match[2]) : undefined;
  },
  (words, { model, file }) => {
    const match = /^last_hidden_state of (\S+\.safetensors) (\S+)$/.exec(words);
    return match ? encodePrompts(model, file(match[1]).idRows(match[2])) : undefined;
  },
];

/** eps_probe: the networks with a residual stream so small that the epsilon of every norm shows. */
export async function verifyEpsilonProbe(
  context: VerificationContext,
  cases: CaseReporter,
): Promise<void> {
  const path = join(context.goldenFolder, 'eps_probe.json');
  const tensorPath = join(context.goldenFolder, 'eps_probe.safetensors');
  if (!existsSync(path) || !existsSync(tensorPath)) {
    cases.unsupported('eps_probe', 'eps_probe.json or eps_probe.safetensors is not there');
    return;
  }
  const probe = parseGolden(probeSchema, readGoldenJson(path), path);
  const entries = new Map(Object.entries(probe.tensors));
  const file = cases.account(new GoldenFile(tensorPath, 'eps_probe', entries));
  const inputs = { model: scaledModel(context.model, probe, path), file: fileOf(context) };
  for (const [key, words] of Object.entries(probe.outputs).filter(([name]) => file.has(name))) {
    await cases.attempt({ name: `eps_probe/${key}`, file, keys: [key] }, async () => {
      const found = outputs.map((make) => make(words, inputs)).find((value) => value !== undefined);
      if (found) cases.compare(file, key, await found);
      else cases.refuse({ name: `eps_probe/${key}`, file, keys: [key] }, `it is "${words}"`);
    });
  }
}

function fileOf({ indexes }: VerificationContext): (name: string) => GoldenFile {
  return (name) => {
    const file = indexes.root?.file(name);
    if (!file) throw new InputError(`its input stands in ${name}, which is not there`);
    return file;
  };
}

function scaledModel(
  model: DiffusionModel,
  { factor, rules }: Probe,
  path: string,
): DiffusionModel {
  const { unet, textEncoder, autoencoder } = model.weights;
  return {
    ...model,
    weights: {
      unet: scaleWeights(unet, toRegExp(rules.unet, path), factor),
      textEncoder: scaleWeights(textEncoder, toRegExp(rules.text, path), factor),
      autoencoder: scaleWeights(autoencoder, toRegExp(rules.vae, path), factor),
    },
  };
}

function toRegExp(rule: string, path: string): RegExp {
  try {
    return new RegExp(rule);
  } catch (error) {
    throw new GoldenError(`${path}: rules: ${messageOf(error)}`);
  }
}

/** Weights of which those whose name fits the rule are multiplied. */
function scaleWeights(weights: Weights, rule: RegExp, factor: number): Weights {
  return {
    get: (key, shape) => {
      const weight = weights.get(key, shape);
      return rule.test(key) ? mul(weight, factor) : weight;
    },
    lora: (key) => weights.lora(key),
  };
}

async function encodeMean(
  model: DiffusionModel,
  file: GoldenFile,
  key: string,
): Promise<Float32Array> {
  const [batch, , height, width] = file.shape(key);
  const factor = latentFactor(model);
  const size = { batch, height: height / factor, width: width / factor };
  const { mean } = await using(await createImageEncoder(model, size), (owned) =>
    owned.encode(file.floats(key)),
  );
  return mean.map((value) => value / model.configs.autoencoder.scalingFactor);
}
