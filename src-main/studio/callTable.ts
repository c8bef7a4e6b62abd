import type * as z from 'zod';
import { parseInput } from '../../src-shared/parseInput.ts';
import {
  type StudioCallName,
  type StudioOutput,
  type StudioRequest,
  studioApi,
} from '../../src-shared/studioApi.ts';
import type { CallOptions } from './callOptions.ts';
import { compareHandlers } from './compare.ts';
import { composeHandlers } from './compose.ts';
import { conceptHandlers } from './concepts.ts';
import { deviceHandlers } from './devices.ts';
import { diagnosticsHandlers } from './diagnostics.ts';
import { galleryHandlers } from './gallery.ts';
import type { Handlers } from './handlers.ts';
import { importHandlers } from './importConcept.ts';
import { jobHandlers } from './jobs.ts';
import { layoutHandlers } from './layouts.ts';
import { mapHandlers } from './map.ts';
import { modelHandlers } from './models.ts';
import { photoHandlers } from './photos.ts';
import { priorHandlers } from './priors.ts';
import { settingsHandlers } from './settings.ts';
import { storageHandlers } from './storage.ts';
import type { StudioContext } from './studioContext.ts';
import { voteHandlers } from './votes.ts';
import { wordHandlers } from './words.ts';

/** Every call of the contract and what serves it: one that is missing does not compile. */
const handlers: Handlers<StudioCallName> = {
  ...settingsHandlers,
  ...diagnosticsHandlers,
  ...storageHandlers,
  ...deviceHandlers,
  ...modelHandlers,
  ...wordHandlers,
  ...mapHandlers,
  ...photoHandlers,
  ...conceptHandlers,
  ...importHandlers,
  ...jobHandlers,
  ...composeHandlers,
  ...compareHandlers,
  ...layoutHandlers,
  ...priorHandlers,
  ...galleryHandlers,
  ...voteHandlers,
};

type Inputs = {
  readonly [Name in StudioCallName]: { readonly input: z.ZodType<StudioRequest<Name>> };
};

const inputs: Inputs = studioApi;

/**
 * Parses the input of a call and serves it.
 *
 * @throws InputError that names the call, the field and what was expected there, and what the handler throws
 */
export async function serveCall<Name extends StudioCallName>(
  studio: StudioContext,
  name: Name,
  input: unknown,
  options: CallOptions,
): Promise<StudioOutput<Name>> {
  return handlers[name](studio, parseInput(inputs[name].input, input, name), options);
}
