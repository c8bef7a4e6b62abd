import { type Raster, toRasters } from '../images/raster.ts';
import { type CommandContext, createPhase } from './context.ts';
import { pictureSizeOf } from './latentSize.ts';
import type { PictureNetworks } from './pictureNetworks.ts';
import {
  encodePrompts,
  type PictureJob,
  type SampledPicture,
  samplePicture,
} from './samplePicture.ts';

/** What was seen while a picture was sampled, and the picture. */
export interface RenderedPicture extends Omit<SampledPicture, 'latent'> {
  readonly raster: Raster;
}

/**
 * Takes pictures through the text encoder, the UNet and the decoder together, and gives each network back before the
 * next one is made: where memory is short, the UNet's weights and the decoder's pixels need not be there at once.
 *
 * @param decodingTitle as the user is told about the last stage
 */
export async function renderPictures(
  networks: PictureNetworks,
  jobs: readonly PictureJob[],
  decodingTitle: string,
  context: CommandContext,
): Promise<RenderedPicture[]> {
  const sampled = await sampleAll(networks, jobs, context);
  const phase = createPhase(context, decodingTitle, jobs.length);
  const rendered: RenderedPicture[] = [];
  for (const [index, { latent, ...seen }] of sampled.entries()) {
    rendered.push({ ...seen, raster: await decode(networks, jobs[index], latent) });
    phase.finish(rendered.length);
  }
  await networks.decoder.release();
  return rendered;
}

async function sampleAll(
  networks: PictureNetworks,
  jobs: readonly PictureJob[],
  context: CommandContext,
): Promise<SampledPicture[]> {
  const encoded: Float32Array[] = [];
  for (const job of jobs) encoded.push(await encodePrompts(networks, job));
  await networks.textEncoder.release();
  const sampled: SampledPicture[] = [];
  for (const [index, job] of jobs.entries()) {
    sampled.push(await samplePicture(networks, job, encoded[index], context));
  }
  await networks.predictor.release();
  await networks.layoutGradient.release();
  return sampled;
}

async function decode(
  { decoder }: PictureNetworks,
  { model, size }: PictureJob,
  latent: Float32Array,
): Promise<Raster> {
  const { decode } = await decoder.of(model);
  const [raster] = toRasters(await decode(latent), pictureSizeOf(model, size));
  return raster;
}
