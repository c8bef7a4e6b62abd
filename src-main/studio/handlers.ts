import type { StudioCallName, StudioOutput, StudioRequest } from '../../src-shared/studioApi.ts';
import type { CallOptions } from './callOptions.ts';
import type { StudioContext } from './studioContext.ts';

/** Serves one call; its input is parsed already. */
export type Handler<Name extends StudioCallName> = (
  studio: StudioContext,
  input: StudioRequest<Name>,
  options: CallOptions,
) => StudioOutput<Name> | Promise<StudioOutput<Name>>;

/** Handlers of some calls: what one file brings. */
export type Handlers<Names extends StudioCallName> = { readonly [Name in Names]: Handler<Name> };
