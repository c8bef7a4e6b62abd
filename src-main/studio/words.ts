import type { StudioRequest } from '../../src-shared/studioApi.ts';
import type { Handlers } from './handlers.ts';
import { machineOf, usableModel } from './models.ts';
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
    // On the processor: a device may be in use, and a product of one row with a table takes no time.
    const choice = {
      model,
      device: 'cpu',
      precision: 'float32',
      threads: machineOf(studio).threads,
    } as const;
    return studio.reader.call('proposeAnchors', { ...choice, classWord }, { signal });
  },
  readPrompt: async (studio, { modelId, prompt, versionIds }, { signal }) => {
    const { path: model } = await usableModel(studio, modelId);
    const placeholders = placeholdersOf(studio, versionIds);
    return studio.reader.call('readPrompt', { model, prompt, placeholders }, { signal });
  },
  checkToken: async (studio, { token, modelId }, { signal }) => {
    const taken = takenBy(studio, token);
    if (taken !== undefined) return { free: false, reason: taken };
    const { path: model } = await usableModel(studio, modelId);
    const request = { model, token, vectors: triedVectors };
    const { reason } = await studio.reader.call('checkToken', request, { signal });
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

/** Why another concept of the library is in the way: it has the token, or one of either's vectors is spelled like it. */
export function takenBy(
  { library: { concepts } }: StudioContext,
  token: string,
): string | undefined {
  const own = concepts.withToken(token);
  if (own) return `"${own.name}" has the token ${token} already: choose another one`;
  const base = /^(.+)_\d+$/.exec(token)?.[1];
  const whole = base === undefined ? undefined : concepts.withToken(base);
  if (whole) {
    return `${token} would be read as a part of ${base}, the token of "${whole.name}": choose another one`;
  }
  const parts = Array.from({ length: triedVectors - 1 }, (_, index) => `${token}_${index + 1}`);
  const part = parts.map((name) => concepts.withToken(name)).find((found) => found !== undefined);
  if (!part) return undefined;
  return `${part.token}, the token of "${part.name}", would be read as a part of ${token}: choose another one`;
}
