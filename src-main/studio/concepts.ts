import type { Handlers } from './handlers.ts';

/** Concepts of the library. */
export const conceptHandlers: Handlers<
  | 'listConcepts'
  | 'getConcept'
  | 'changeConcept'
  | 'trashConcepts'
  | 'untrashConcepts'
  | 'deleteConcepts'
  | 'listTags'
> = {
  listConcepts: ({ library }, query) => library.concepts.list(query),
  getConcept: ({ library }, { id }) => library.concepts.detail(id),
  changeConcept: ({ library, changed }, change) => {
    const concept = library.concepts.change(change);
    changed('concepts');
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
