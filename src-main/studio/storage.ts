import type { Handlers } from './handlers.ts';
import { registerBuiltIns } from './models.ts';
import { withoutPersonalPaths } from './withoutPersonalPaths.ts';

/** What windows have open may not be in the library yet: pictures, photos that were dropped. Milliseconds. */
const spared = 60 * 60 * 1000;

/** Where the library lies, and how it is kept. */
export const storageHandlers: Handlers<
  'storage' | 'collectGarbage' | 'backUp' | 'restore' | 'keptLibraries' | 'deleteKeptLibraries'
> = {
  storage: async ({ library }) => ({
    folder: withoutPersonalPaths(library.folder),
    ...(await library.figures()),
  }),
  collectGarbage: ({ library }, _, { signal, onProgress }) =>
    library.collectGarbage({ minimumAge: spared, signal, onProgress }),
  backUp: async ({ library }, _, { signal, onProgress }) => {
    const { hash, bytes } = await library.backUp({ signal, onProgress });
    return { blob: hash, bytes };
  },
  restore: async (studio, { blob }) => {
    await studio.library.restore(blob);
    await registerBuiltIns(studio);
    studio.changed('concepts', 'compositions', 'models', 'priors', 'settings', 'votes', 'devices');
    // What waited in the queue when the backup was made.
    await studio.jobs.start();
    return {};
  },
  keptLibraries: ({ library }) => library.kept(),
  deleteKeptLibraries: async ({ library }) => {
    await library.deleteKept();
    return {};
  },
};
