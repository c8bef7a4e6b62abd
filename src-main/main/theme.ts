import { nativeTheme } from 'electron';
import type { StudioPort } from '../shell/studioPort.ts';
import { askStudio } from './askStudio.ts';

/** Has menus, dialogs and windows that are still empty in the colours that the user has chosen for the page. */
export async function followTheme(studio: Pick<StudioPort, 'call' | 'subscribe'>): Promise<void> {
  const apply = async () => {
    nativeTheme.themeSource = (await askStudio(studio, 'getSettings', {})).theme;
  };
  studio.subscribe((event) => {
    if (event.type === 'changed' && event.what === 'settings') apply().catch(console.error);
  });
  await apply();
}
