import { withArticle } from '../../../src-shared/article.ts';
import { applyConcepts, type PersonalModel } from '../concepts/applyConcepts.ts';
import { readConcept } from '../concepts/conceptFile.ts';
import { encodePng } from '../images/png.ts';
import { toRasters } from '../images/raster.ts';
import { type EngineParams, parseParams } from '../protocol.ts';
import { trackSessions } from '../runtime/sessionKeeper.ts';
import type { CommandContext } from './context.ts';
import { latentSizeOf, pictureSizeOf, type Size } from './latentSize.ts';
import { cachedTokenizer, type OpenModel } from './openModel.ts';
import { createPictureNetworks, type PictureNetworks } from './pictureNetworks.ts';
import { samplePicture } from './samplePicture.ts';
import type { Training } from './storeConcept.ts';

/** What a training shows of itself: enough to see whether the concept is there, and whether it drowns its neighbour. */
const sampling = { sampler: 'dpmpp2m', steps: 12, guidance: 5 } as const;

interface PreviewRequest {
  /** The concept file as it is at this step. */
  readonly concept: string;
  /** What stands beside it in the second picture. */
  readonly object: string;
  readonly step: number;
}

/** PNG bytes. */
export interface Previews {
  readonly plain: Buffer;
  readonly composition: Buffer;
}

/**
 * The concept alone and beside another object, from the training's seed, so that the pictures of all steps can be
 * compared. Networks are given back at the end: a training has no memory to spare.
 *
 * @throws the signal's reason when the training is stopped
 */
export async function samplePreviews(
  training: Training,
  { concept, object, step }: PreviewRequest,
): Promise<Previews> {
  const { params, open, context } = training;
  const { token, classWord } = params;
  const name = `${token} ${classWord}`.trim();
  return withOwnNetworks(open, async (owned) => {
    const model = personalModel(owned, concept);
    const size = latentSizeOf(model, params.size);
    const networks = createPictureNetworks(size, 0, { loss: 'layout' });
    const scene = { model, size, networks, params, context };
    const title = (what: string) => `preview of step ${step}: ${what}`;
    const plain = await sample(scene, `a photo of a ${name}`, title(name));
    const both = `a ${name} and ${withArticle(object)}`;
    return { plain, composition: await sample(scene, both, title(both)) };
  });
}

/** A tokenizer of its own: the training's knows the token already. */
function personalModel({ checkpoint, model }: OpenModel, concept: string): PersonalModel {
  const own = { ...model, tokenizer: cachedTokenizer(checkpoint).copy() };
  return applyConcepts(own, checkpoint, [readConcept(concept)]);
}

async function withOwnNetworks<T>(
  { checkpoint, model }: OpenModel,
  use: (open: OpenModel) => Promise<T>,
): Promise<T> {
  const { compile, end } = trackSessions(model.compile);
  try {
    return await use({ checkpoint, model: { ...model, compile } });
  } finally {
    await end();
  }
}

interface Scene {
  readonly model: PersonalModel;
  /** Of the latent. */
  readonly size: Size;
  readonly networks: PictureNetworks;
  readonly params: EngineParams<'trainConcept'>;
  readonly context: CommandContext;
}

async function sample(
  { model, size, networks, params: training, context }: Scene,
  prompt: string,
  title: string,
): Promise<Buffer> {
  const params = parseParams('composePictures', {
    ...{ model: training.model, seed: training.seed, prompt, ...sampling },
    pictures: [{ name: 'preview', concepts: [], spatial: false }],
  });
  const job = { model, networks, params, size, layout: undefined, spatial: false, title };
  const { latent } = await samplePicture(job, context);
  const decoder = await networks.decoder(model);
  const [raster] = toRasters(await decoder.decode(latent), pictureSizeOf(model, size));
  return encodePng(raster);
}
