import { InputError } from '../../../src-shared/inputError.ts';
import { inspectFile } from '../checkpoint/inspect.ts';
import type { EngineAnswer, EngineParams } from '../protocol.ts';
import { cachedCheckpoint } from './openModel.ts';

type Params = EngineParams<'describeModel'>;

/** Keys that are told by name; of more the number says enough. */
const toldKeys = 5;

/**
 * What a checkpoint is. One that cannot be used, because keys are missing or it is no model of a family we know, is
 * described all the same, with the problem.
 *
 * @throws InputError where there is no such file, or it is damaged
 */
export async function describeModel(params: Params): Promise<EngineAnswer<'describeModel'>> {
  const { kind, bytes, parameters, dtypes, details } = inspectFile(params.model);
  return { kind, bytes, parameters, dtypes: { ...dtypes }, ...usability(params, details) };
}

function usability(params: Params, details: readonly string[]) {
  try {
    const { family, configs, assumptions, unusedKeys } = cachedCheckpoint(params);
    const sizeStep = 2 ** (configs.autoencoder.blockOutChannels.length - 1);
    return {
      ...{ family, sizeStep, nativeSize: configs.unet.sampleSize * sizeStep },
      details: [...details, ...assumptions, ...tellUnused(unusedKeys)],
    };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { details: [...details], problem: error.message };
  }
}

function tellUnused(keys: readonly string[]): string[] {
  if (keys.length === 0) return [];
  const more = keys.length > toldKeys ? ` and ${keys.length - toldKeys} more` : '';
  return [`unused keys: ${keys.slice(0, toldKeys).join(', ')}${more}`];
}
