import type { StudioOutput, StudioRequest } from '../../src-shared/studioApi.ts';
import { withNames } from '../jobs/fileNames.ts';
import { type CallOptions, jobOptions } from './callOptions.ts';
import { fileNamesOf, usedConcepts } from './conceptUses.ts';
import type { Handlers } from './handlers.ts';
import { machineOf, usableModel } from './models.ts';
import type { StudioContext } from './studioContext.ts';

type Request = StudioRequest<'suggestLayout'>;

/** Where the model itself would put things. */
export const layoutHandlers: Handlers<'suggestLayout'> = {
  suggestLayout: (studio, request, options) =>
    studio.newest.run(`layout ${options.windowId}`, options.signal, (signal) =>
      suggestLayout(studio, request, { ...options, signal }),
    ),
};

async function suggestLayout(
  studio: StudioContext,
  request: Request,
  options: CallOptions,
): Promise<StudioOutput<'suggestLayout'>> {
  const prior = request.prior ?? (await harvest(studio, request, options));
  const { shuffle, settings } = request;
  const choice = { prior, shuffle, seed: settings.seed };
  const notes: string[] = [];
  const following = jobOptions(options, (message) => notes.push(message));
  const { layout } = await studio.reader.call('chooseLayout', choice, following);
  return { layout, prior, notes };
}

/** A few steps of a quick sampler show where things stand. */
const harvestSampling = { sampler: 'dpmpp2m', steps: 20 } as const;

async function harvest(
  studio: StudioContext,
  { settings, objects, samples }: Request,
  options: CallOptions,
) {
  const { prompt, guidance, seed, size } = settings;
  const model = await usableModel(studio, settings.modelId);
  const concepts = usedConcepts(studio, model, settings.concepts);
  const named = concepts.map(({ token, concept }) => ({ token, classWord: concept.classWord }));
  return withNames(fileNamesOf(model, concepts), () =>
    studio.composer.call(
      'harvestLayouts',
      {
        ...{ ...machineOf(studio), ...harvestSampling, prompt, guidance, seed, size, samples },
        ...{ model: model.path, concepts: [], named, objects },
      },
      jobOptions(options),
    ),
  );
}
