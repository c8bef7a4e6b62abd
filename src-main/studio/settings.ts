import { maximumUpload } from '../../src-shared/shellProtocol.ts';
import { deviceInWords } from '../jobs/deviceInWords.ts';
import { requireDevice } from './devices.ts';
import type { Handlers } from './handlers.ts';
import { programVersion } from './programVersion.ts';

/** The studio itself. */
export const settingsHandlers: Handlers<'getSettings' | 'changeSettings' | 'about'> = {
  getSettings: ({ library }) => library.settings.get(),
  changeSettings: async (studio, change) => {
    if (change.modelId !== undefined) studio.library.models.get(change.modelId);
    if (change.device !== undefined) await requireDevice(studio, change.device);
    const settings = studio.library.settings.change(change);
    studio.changed('settings');
    return settings;
  },
  about: ({ library, shell }) => ({
    version: programVersion,
    shell,
    device: deviceInWords(library.settings.get().device),
    maximumUpload,
  }),
};
