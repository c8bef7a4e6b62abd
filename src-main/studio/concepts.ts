import type { ConceptDetail } from '../../src-shared/conceptRecord.ts';
import { InputError } from '../../src-shared/inputError.ts';
import type { StudioRequest } from '../../src-shared/studioApi.ts';
import { trainingJob } from '../jobs/trainingJob.ts';
import type { StoredModel } from '../library/modelRepository.ts';
import type { Handlers } from './handlers.ts';
import type { StudioContext } from './studioContext.ts';
import { vocabularyProblem } from './words.ts';

/** Concepts of the library. */
export const conceptHandlers: Handlers<
  | 'listConcepts'
  | 'getConcept'
  | 'conceptWithToken'
  | 'changeConcept'
  | 'trashConcepts'
  | 'untrashConcepts'
  | 'deleteConcepts'
  | 'listTags'
> = {
  listConcepts: ({ library }, query) => library.concepts.list(query),
  getConcept: ({ library }, { id }) => library.concepts.detail(id),
  conceptWithToken: ({ library }, { token }) => {
    const concept = library.concepts.withToken(token);
    return concept ? { concept } : {};
  },
  changeConcept: async (studio, change, { signal }) => {
    await requireNewWord(studio, change, signal);
    const concept = studio.library.concepts.change(change);
    studio.changed('concepts');
    return concept;
  },
  trashConcepts: ({ library, changed }, { ids }) => {
    library.concepts.trash(ids);
    changed('concepts');
    return {};
  },
  untrashConcepts: ({ library, changed }, { ids }) => {
    library.concepts.untrash(ids);
    changed('concepts');
    return {};
  },
  deleteConcepts: ({ library, changed }, { ids }) => {
    library.concepts.remove(ids);
    changed('concepts');
    return {};
  },
  listTags: ({ library }) => ({ tags: library.concepts.tags() }),
};

/** @throws InputError where a concept is to have a token that one of its models knows as a word */
async function requireNewWord(
  studio: StudioContext,
  { id, token }: StudioRequest<'changeConcept'>,
  signal: AbortSignal,
): Promise<void> {
  const concept = studio.library.concepts.detail(id);
  if (token === undefined || token === concept.token) return;
  const vectors = Math.max(1, ...concept.versionList.map((version) => version.vectors));
  const models = modelsOf(studio, concept);
  const problem = await vocabularyProblem(studio, { token, vectors }, models, signal);
  if (problem !== undefined) throw new InputError(problem);
}

/** The models that it was trained on, or is about to be; those that the library still has. */
function modelsOf(
  { library }: StudioContext,
  { versionList, jobId }: ConceptDetail,
): readonly StoredModel[] {
  const job = jobId === undefined ? undefined : library.jobs.request(jobId);
  const queued = trainingJob.safeParse(job).data?.request.modelId;
  const ids = new Set([...versionList.map(({ modelId }) => modelId), queued]);
  return library.models.list().filter((model) => ids.has(model.id));
}
