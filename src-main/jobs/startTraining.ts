import { existsSync } from 'node:fs';
import { InputError } from '../../src-shared/inputError.ts';
import type { StudioOutput, StudioRequest } from '../../src-shared/studioApi.ts';
import type { Library } from '../library/library.ts';
import type { StoredModel } from '../library/modelRepository.ts';
import type { JobDesk } from './jobDesk.ts';
import { photolessParams } from './photolessParams.ts';
import { resolveDevice } from './resolveDevice.ts';
import { requireInside } from './trainingFolder.ts';
import { type TrainingJob, variantsOf } from './trainingJob.ts';

type Request = StudioRequest<'startTraining'>;
type Naming = Pick<TrainingJob, 'token' | 'classWord'>;

/**
 * Queues a training, of a new concept or of one that is there. Whatever can be known to be wrong is refused before
 * anything is written.
 *
 * @throws InputError that names what cannot be used and the way out
 */
export async function startTraining(
  { library, runner, engine, createEngine }: JobDesk,
  request: Request,
): Promise<StudioOutput<'startTraining'>> {
  const naming = namingOf(library, request);
  const model = requireModel(library, request.modelId);
  requirePhotos(library, request);
  const { threads, precision, device: wanted } = library.settings.get();
  const device = await resolveDevice(engine, wanted, createEngine);
  const masks = request.photos.some(({ mask }) => mask) ? 'masks' : undefined;
  const machine = { device, precision, threads };
  const settings = { ...request.settings, masks };
  for (const variant of variantsOf(request)) {
    const params = photolessParams({ ...machine, ...naming, model: model.path, settings, variant });
    await engine.call('describeTraining', params);
  }
  return queue(library, runner, { request, ...naming, ...machine });
}

/** @throws InputError where another concept has the token */
function namingOf({ concepts }: Library, { concept }: Request): Naming {
  const { token, classWord } = 'id' in concept ? concepts.summary(concept.id) : concept;
  if ('id' in concept) return { token, classWord };
  const other = concepts.withToken(token);
  if (!other) return { token, classWord };
  throw new InputError(
    `The token "${token}" belongs to "${other.name}" already: choose another, or train a new version of that concept`,
  );
}

/** @throws InputError where its files are gone or were found to be unusable */
export function requireModel({ models }: Library, id: string): StoredModel {
  const model = models.get(id);
  const { problem } = model.inspection;
  if (problem) throw new InputError(`The model ${model.name} cannot be used: ${problem}`);
  if (existsSync(model.path)) return model;
  throw new InputError(
    `The files of the model ${model.name} are no longer where they were: put them back, or add it again under Models`,
  );
}

function requirePhotos({ blobs }: Library, { photos }: Request): void {
  for (const photo of photos) {
    requireInside(photo);
    const isThere = [photo.blob, photo.mask].every((hash) => hash === undefined || blobs.has(hash));
    if (!isThere) {
      throw new InputError(`${photo.name} is no longer in the library: add the photo again`);
    }
  }
}

function queue(
  library: Library,
  runner: JobDesk['runner'],
  job: TrainingJob,
): StudioOutput<'startTraining'> {
  const { concept, modelId } = job.request;
  library.models.get(modelId); // it may have been removed while the engine looked at the request
  const conceptId = 'id' in concept ? concept.id : library.concepts.create(concept).id;
  try {
    const title = `Training ${job.token}`;
    const { id } = runner.add({
      ...{ kind: 'train', title, device: job.device, conceptId },
      request: job,
    });
    return { conceptId, jobId: id };
  } catch (error) {
    if (!('id' in concept)) forgetConcept(library, conceptId);
    throw error;
  }
}

/** A concept without a training is of no use. */
function forgetConcept({ concepts }: Library, id: string): void {
  concepts.trash([id]);
  concepts.remove([id]);
}
