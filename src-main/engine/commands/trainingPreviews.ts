import { withArticle } from '../../../src-shared/article.ts';
import { applyConcepts, type PersonalModel } from '../concepts/applyConcepts.ts';
import { readConcept } from '../concepts/conceptFile.ts';
import { encodePng } from '../images/png.ts';
import { parseParams } from '../protocol.ts';
import { trackSessions } from '../runtime/sessionKeeper.ts';
import { latentSizeOf } from './latentSize.ts';
import { cachedTokenizer, type OpenModel } from './openModel.ts';
import { createPictureNetworks } from './pictureNetworks.ts';
import { renderPictures } from './renderPictures.ts';
import type { PictureJob } from './samplePicture.ts';
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
    const title = (what: string) => `preview of step ${step}: ${what}`;
    const jobOf = (prompt: string, what: string): PictureJob => ({
      ...{ model, size, params: previewParams(params, prompt), layout: undefined, spatial: false },
      title: title(what),
    });
    const both = `a ${name} and ${withArticle(object)}`;
    const jobs = [jobOf(`a photo of a ${name}`, name), jobOf(both, both)];
    const rendered = await renderPictures(networks, jobs, title('decoding'), context);
    const [plain, composition] = rendered.map(({ raster }) => encodePng(raster));
    return { plain: await plain, composition: await composition };
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

function previewParams({ model, seed }: Training['params'], prompt: string) {
  return parseParams('composePictures', {
    ...{ model, seed, prompt, ...sampling },
    pictures: [{ name: 'preview', concepts: [], spatial: false }],
  });
}
