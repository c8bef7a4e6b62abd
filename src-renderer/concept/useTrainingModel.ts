import type { ModelRecord } from '../../src-shared/modelRecord.ts';
import { useStudioQuery } from '../studioQueries.ts';

export interface TrainingModel {
  models: readonly ModelRecord[];
  /** The one that was chosen, else that of the settings, else the built-in one; undefined while it is not known. */
  modelId: string | undefined;
  builtIn: boolean;
  /** Steps between previews, of the settings. */
  previewEvery: number;
}

/** The model that is trained on. */
export function useTrainingModel(chosen: string | undefined): TrainingModel {
  const models = useStudioQuery('listModels', {}).data?.models ?? [];
  const settings = useStudioQuery('getSettings', {}).data;
  const usable = models.filter(({ problem }) => problem === undefined);
  const model =
    usable.find(({ id }) => id === chosen) ??
    usable.find(({ id }) => id === settings?.modelId) ??
    usable.find(({ builtIn }) => builtIn) ??
    usable[0];
  return {
    models,
    modelId: model?.id,
    builtIn: model?.builtIn ?? false,
    previewEvery: settings?.previewEvery ?? 50,
  };
}
