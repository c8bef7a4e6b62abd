import { demo } from '../../src-shared/demo.ts';
import type { StudioOutput } from '../../src-shared/studioApi.ts';
import { emptyDraft, requestOf } from '../concept/conceptDraft.ts';
import { type Sample, sampleWords, wholePhoto } from '../concept/useDraftStart.ts';
import { call } from '../studioApi.ts';

/** Trains a sample both ways on the built-in model, as the demo does; looked at seldom, since each look takes its time. */
export async function startTourTraining(sample: Sample): Promise<StudioOutput<'startTraining'>> {
  const { models } = await call('listModels', {});
  const builtIn = models.find((model) => model.builtIn);
  if (!builtIn) throw new Error('the small model that comes with the program is not there');
  const draft = {
    ...emptyDraft,
    ...(await sampleWords(sample)),
    photos: sample.photos.map(wholePhoto),
    // its steps are the demo's
    preset: 'balanced' as const,
    own: { ...emptyDraft.own, seed: demo.seed },
    previewEvery: demo.training.steps / 3,
    previewObject: demo.object,
  };
  const surroundings = { modelId: builtIn.id, builtIn: true, previewEvery: 0 };
  return call('startTraining', requestOf(draft, surroundings));
}
