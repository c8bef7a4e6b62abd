import type { StudioCallName, StudioInput, StudioOutput } from '../../src-shared/studioApi.ts';
import type { StudioPort } from '../shell/studioPort.ts';

/** A call of the shell itself, for no window. @throws what {@link StudioPort.call} throws */
export async function askStudio<Name extends StudioCallName>(
  studio: Pick<StudioPort, 'call'>,
  name: Name,
  input: StudioInput<Name>,
): Promise<StudioOutput<Name>> {
  const options = { signal: new AbortController().signal, onProgress: () => {}, windowId: 'shell' };
  return (await studio.call(name, input, options)) as StudioOutput<Name>;
}
