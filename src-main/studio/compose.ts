import type { ComposedPicture } from '../../src-shared/composition.ts';
import type { StudioRequest } from '../../src-shared/studioApi.ts';
import type { CallOptions } from './callOptions.ts';
import { type Composition, composeWith, keepPicture, layoutSamples } from './composing.ts';
import { usedConcepts } from './conceptUses.ts';
import type { Handlers } from './handlers.ts';
import { usableModel } from './models.ts';
import type { StudioContext } from './studioContext.ts';

/** Composes one picture. */
export const composeHandlers: Handlers<'composePreview'> = {
  composePreview: (studio, request, options) =>
    studio.newest.run(`preview ${options.windowId}`, options.signal, (signal) =>
      preview(studio, request, { ...options, signal }),
    ),
};

async function preview(
  studio: StudioContext,
  { settings, proposeLayout }: StudioRequest<'composePreview'>,
  options: CallOptions,
): Promise<ComposedPicture> {
  const start = performance.now();
  const model = await usableModel(studio, settings.modelId);
  const concepts = usedConcepts(studio, model, settings.concepts);
  const layout = layoutOf(settings, proposeLayout);
  const paths = concepts.map(({ path }) => path);
  const spatial = settings.spatial && layout !== undefined;
  const pictures = [{ name: 'picture', concepts: paths, spatial }];
  const composition: Composition = { model, settings, layout, concepts, pictures };
  const composed = await composeWith(studio, composition, options);
  const seconds = (performance.now() - start) / 1000;
  return keepPicture(studio, composition, composed, { index: 0, seconds });
}

export function layoutOf(
  { layout }: StudioRequest<'composePreview'>['settings'],
  propose: boolean,
): Composition['layout'] {
  if (layout) return { kind: 'given', layout };
  return propose ? { kind: 'auto', samples: layoutSamples } : undefined;
}
