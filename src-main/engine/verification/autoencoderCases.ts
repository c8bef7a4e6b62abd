import type { DiffusionModel } from '../diffusion/model.ts';
import { createImageDecoder, createImageEncoder, float32 } from '../diffusion/networks.ts';
import { encodeImage } from '../models/autoencoder.ts';
import { createGraph } from '../tensor/graph.ts';
import { input } from '../tensor/ops/input.ts';
import { float32Data } from '../tensor/tensorData.ts';
import type { CaseReporter } from './caseReporter.ts';
import { using, type VerificationContext } from './context.ts';
import type { GoldenFile } from './goldenFile.ts';

/** vae: the autoencoder both ways. */
export async function verifyAutoencoder(
  { model, indexes }: VerificationContext,
  cases: CaseReporter,
): Promise<void> {
  const file = cases.open(indexes.root, 'vae.safetensors');
  if (!file) return;
  const present = (keys: readonly string[]) => keys.filter((key) => file.has(key));
  const moments = present(['mean', 'logvar']);
  if (moments.length > 0) {
    await cases.attempt({ name: 'vae/moments', file, keys: moments }, async () => {
      const values = await imageMoments(model, file);
      for (const key of moments) cases.compare(file, key, values[key as keyof typeof values]);
    });
  }
  if (file.has('sample_scaled')) {
    const scope = { name: 'vae/sample_scaled', file, keys: ['sample_scaled'] };
    await cases.attempt(scope, () => compareSample(model, file, cases));
  }
  const decodings = [
    { key: 'decoded', run: () => decode(model, file.shape('z_scaled'), file.floats('z_scaled')) },
    { key: 'decoded_raw', run: () => decodeUnscaled(model, file, 'z_raw') },
  ];
  for (const { key, run } of decodings.filter(({ key }) => file.has(key))) {
    await cases.attempt({ name: `vae/${key}`, file, keys: [key] }, async () =>
      cases.compare(file, key, await run()),
    );
  }
}

/** The Gaussian before it is scaled. */
async function imageMoments(model: DiffusionModel, file: GoldenFile) {
  const shape = file.shape('image');
  const { mean, logvar } = encodeImage(
    model.weights.autoencoder,
    model.configs.autoencoder,
    input('image', shape),
  );
  const executable = await model.compile(createGraph({ mean, logvar }));
  return using(executable, async ({ run }) => {
    const values = await run({ image: float32Data(shape, file.floats('image')) });
    return { mean: float32(values.mean), logvar: float32(values.logvar) };
  });
}

async function compareSample(
  model: DiffusionModel,
  file: GoldenFile,
  cases: CaseReporter,
): Promise<void> {
  const [batch, , height, width] = file.shape('sample_scaled');
  const noise = file.floats('noise');
  await using(await createImageEncoder(model, { batch, height, width }), async ({ encode }) => {
    const { mean, deviation } = await encode(file.floats('image'));
    const sample = mean.map((value, i) => value + deviation[i] * noise[i]);
    cases.compare(file, 'sample_scaled', sample);
  });
}

/** The picture of a scaled latent [batch, channels, height, width]. */
export async function decode(
  model: DiffusionModel,
  [batch, , height, width]: readonly number[],
  latent: Float32Array,
): Promise<Float32Array> {
  const decoder = await createImageDecoder(model, { batch, height, width });
  return using(decoder, (owned) => owned.decode(latent));
}

/** The picture of a stored latent that is not scaled. */
export function decodeUnscaled(
  model: DiffusionModel,
  file: GoldenFile,
  key: string,
): Promise<Float32Array> {
  const { scalingFactor } = model.configs.autoencoder;
  return decode(
    model,
    file.shape(key),
    file.floats(key).map((value) => value * scalingFactor),
  );
}
