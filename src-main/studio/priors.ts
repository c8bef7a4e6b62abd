import type { Handlers } from './handlers.ts';

/** Layout distributions that were saved. */
export const priorHandlers: Handlers<'listPriors' | 'savePrior' | 'deletePrior'> = {
  listPriors: ({ library }) => ({ priors: library.priors.list() }),
  savePrior: ({ library, changed }, { name, prior }) => {
    const saved = library.priors.save(name, prior);
    changed('priors');
    return saved;
  },
  deletePrior: ({ library, changed }, { id }) => {
    library.priors.remove(id);
    changed('priors');
    return {};
  },
};
