import { applyConcepts } from '../../src-main/engine/commands/applyConcepts.ts';
import { readConcept } from '../../src-main/engine/commands/conceptFile.ts';
import type { CommandContext } from '../../src-main/engine/commands/context.ts';
import { latentSizeOf, pictureSizeOf } from '../../src-main/engine/commands/latentSize.ts';
import { type OpenModel, withModel } from '../../src-main/engine/commands/openModel.ts';
import { createPictureNetworks } from '../../src-main/engine/commands/pictureNetworks.ts';
import { samplePicture } from '../../src-main/engine/commands/samplePicture.ts';
import { type Raster, toRasters } from '../../src-main/engine/images/raster.ts';
import { loadModel } from '../../src-main/engine/loadModel.ts';
import { parseParams } from '../../src-main/engine/protocol.ts';
import { sampling } from '../../src-main/jobs/runDemo.ts';
import type { Layout } from '../../src-shared/layout.ts';

/** One picture to be made. */
export interface PictureRequest {
  readonly prompt: string;
  readonly seed: number;
  /** Guides the picture where given. */
  readonly layout?: Layout;
}

/** Makes pictures with one set of concepts; everything is compiled once. */
export interface Artist {
  paint(request: PictureRequest): Promise<Raster>;
}

const silent: CommandContext = { signal: new AbortController().signal, report: () => {} };

/** Opens a model with concepts for the time of `use`. @param conceptFiles none for the model's own words */
export async function withArtist<T>(
  model: string,
  conceptFiles: readonly string[],
  use: (artist: Artist, open: OpenModel) => Promise<T>,
): Promise<T> {
  return withModel({ model, device: 'cpu', threads: 0 }, silent, async (open) => {
    const { checkpoint } = open;
    const concepts = conceptFiles.map(readConcept);
    const own = applyConcepts(loadModel(checkpoint, open.model.compile), checkpoint, concepts);
    const size = latentSizeOf(own, undefined);
    const free = createPictureNetworks(size, 0, { loss: 'layout' });
    const guided = createPictureNetworks(size, 2, { loss: 'layout' });
    const paint = async ({ prompt, seed, layout }: PictureRequest) => {
      const pictures = [{ name: 'picture', concepts: [], spatial: layout !== undefined }];
      const params = parseParams('composePictures', { ...sampling, model, prompt, seed, pictures });
      const networks = layout ? guided : free;
      const job = { model: own, networks, params, size, layout, title: '' };
      const { latent } = await samplePicture({ ...job, spatial: layout !== undefined }, silent);
      const decoder = await networks.decoder(own);
      const [raster] = toRasters(await decoder.decode(latent), pictureSizeOf(own, size));
      return raster;
    };
    return use({ paint }, open);
  });
}
