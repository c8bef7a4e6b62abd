import { InputError } from '../../../src-shared/inputError.ts';
import type { Layout } from '../../../src-shared/layout.ts';
import type { PersonalModel } from '../concepts/applyConcepts.ts';
import type { DiffusionModel } from '../diffusion/model.ts';
import { requireSamplerKeys } from '../diffusion/samplerKeys.ts';
import { addPlaceholderTokens, expandPlaceholders } from '../inversion/placeholderTokens.ts';
import type { EngineAnswer, EngineParams } from '../protocol.ts';
import { type ConceptWord, suggestLayout } from '../spatial/layoutPrior.ts';
import type { CommandContext } from './context.ts';
import { latentSizeOf } from './latentSize.ts';
import { withModel } from './openModel.ts';
import { guessObjects } from './promptObjects.ts';
import { requireFittingRecovery } from './recoverLocations.ts';
import { placedObjects } from './samplePicture.ts';

type Params = Omit<EngineParams<'composePictures'>, 'pictures' | 'uses'>;
type PromptModel = DiffusionModel & Pick<PersonalModel, 'expand'>;

/** Looks at a composition whose concepts are yet to be trained: they are there by their words alone. */
export async function checkComposition(
  params: EngineParams<'checkComposition'>,
  context: CommandContext,
): Promise<EngineAnswer<'checkComposition'>> {
  return withModel(params, context, async ({ model }) => {
    const words = params.named.map((word) => ({ ...word, vectors: 1 }));
    for (const { token, vectors } of words) addPlaceholderTokens(model.tokenizer, token, vectors);
    const expand = (text: string) => expandPlaceholders(text, words);
    requireComposable({ ...model, expand }, params, words);
    return {};
  });
}

/**
 * Looks at what was said of a composition, before anything takes long.
 *
 * @throws InputError where sampler, size, layout, prompt or photos do not go together
 */
export function requireComposable(
  model: PromptModel,
  params: Params,
  words: readonly ConceptWord[],
): void {
  requireSamplerKeys(params.sampler, model.configs.scheduler.sampling);
  latentSizeOf(model, params.size);
  requireKnownLoss(params);
  requireJudges(params);
  const { layout, prompt, objects } = params;
  if (layout?.kind === 'recovery') {
    requireFittingRecovery(model, layout.path, objects ?? guessObjects(prompt, words));
  } else placedObjects({ model, params, layout: layoutIn(layout) });
}

/** What the places are of does not depend on which of the harvested samples is taken. */
function layoutIn(layout: Params['layout']): Layout | undefined {
  if (layout?.kind === 'given') return layout.layout;
  return layout?.kind === 'prior' ? suggestLayout(layout.prior) : undefined;
}

function requireKnownLoss({ official, layoutLoss }: Params): void {
  if (!official || layoutLoss !== 'box') return;
  throw new InputError(
    'the released code knows the layout loss alone: leave --official out, or --layout-loss box',
  );
}

/** A window knows which models are judged, and gives no folder of photos. */
function requireJudges({ photos, evaluators }: Params): void {
  if (photos === undefined || evaluators !== undefined) return;
  throw new InputError(
    'the photos are for evaluators to compare the picture with: name their folder with --evaluators, or leave --photos out',
  );
}
