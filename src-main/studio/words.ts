import type { StudioRequest } from '../../src-shared/studioApi.ts';
import type { StoredModel } from '../library/modelRepository.ts';
import type { Handlers } from './handlers.ts';
import { processorOf, usableAmong, usableModel } from './models.ts';
import type { StudioContext } from './studioContext.ts';

/** Vectors that a token is tried with: more are rare. */
const triedVectors = 8;

/** What a model's vocabulary says of words, prompts and tokens. */
export const wordHandlers: Handlers<
  'suggestWords' | 'proposeAnchors' | 'readPrompt' | 'checkToken'
> = {
  suggestWords: async (studio, { modelId, ...request }, { signal }) => {
    const { path: model } = await usableModel(studio, modelId);
    return studio.reader.call('suggestWords', { model, ...request }, { signal });
  },
  proposeAnchors: async (studio, { modelId, classWord }, { signal }) => {
    const { path: model } = await usableModel(studio, modelId);
    const request = { model, ...processorOf(studio), classWord };
    return studio.reader.call('proposeAnchors', request, { signal });
  },
  readPrompt: async (studio, { modelId, prompt, versionIds }, { signal }) => {
    const { path: model } = await usableModel(studio, modelId);
    const placeholders = placeholdersOf(studio, versionIds);
    return studio.reader.call('readPrompt', { model, prompt, placeholders }, { signal });
  },
  checkToken: async (studio, { token, modelId }, { signal }) => {
    const model = await usableModel(studio, modelId);
    const reason =
      takenBy(studio, token) ?? (await vocabularyProblem(studio, { token }, [model], signal));
    return reason === undefined ? { free: true } : { free: false, reason };
  },
};

/** One per token: of a plain and a semantic version of a concept a prompt has either. */
function placeholdersOf(
  { library }: StudioContext,
  versionIds: StudioRequest<'readPrompt'>['versionIds'],
) {
  const owned = versionIds.map((id) => library.concepts.version(id));
  const byToken = new Map(
    owned.map(({ concept, version }) => [concept.token, version.vectors] as const),
  );
  return [...byToken].map(([token, vectors]) => ({ token, vectors }));
}

/** Why another concept of the library keeps a new one from having a token. */
export function takenBy({ library }: StudioContext, token: string): string | undefined {
  const conflict = library.concepts.tokenConflict(token);
  return conflict && `${token} is not free: ${conflict}; choose another one`;
}

/** Why the words of a model keep a concept from having a token; a model that cannot be used now says nothing. */
export async function vocabularyProblem(
  studio: StudioContext,
  { token, vectors = triedVectors }: { readonly token: string; readonly vectors?: number },
  models: readonly StoredModel[],
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const { path: model } of await usableAmong(studio, models)) {
    const request = { model, token, vectors };
    const { reason } = await studio.reader.call('checkToken', request, { signal });
    if (reason !== undefined) return reason;
  }
  return undefined;
}
