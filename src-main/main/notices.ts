import { app, BrowserWindow, Notification } from 'electron';
import { type JobEnd, jobEnd } from '../../src-shared/jobEnd.ts';
import type { JobStatus } from '../../src-shared/jobRecord.ts';
import type { StudioPort } from '../shell/studioPort.ts';
import { askStudio } from './askStudio.ts';

/** The program's name for Windows, which shows notices of none that it does not know: as in electron-builder.yml. */
export const appId = 'studio.tessera';

/**
 * Tells by the system how a training has ended, where the user wants it and no window of ours is at the front: what is
 * at the front says it itself. Whether it is shown is up to the system's settings for this program.
 *
 * @param show called with the path of the training's screen when the notice is clicked
 */
export function tellEnds(
  studio: Pick<StudioPort, 'call' | 'subscribe'>,
  show: (path: string) => void,
): void {
  if (process.platform === 'win32') app.setAppUserModelId(appId);
  const states = new Map<string, JobStatus['state']>();
  const shown = new Set<Notification>();

  async function tell({ id, title, detail }: JobEnd): Promise<void> {
    if (BrowserWindow.getFocusedWindow() !== null || !Notification.isSupported()) return;
    if (!(await askStudio(studio, 'getSettings', {})).notices) return;
    const notice = new Notification({ title, ...(detail && { body: detail }) });
    // A notice that nothing holds is collected, and its click with it.
    shown.add(notice);
    notice.on('close', () => shown.delete(notice));
    notice.on('failed', () => shown.delete(notice));
    notice.on('click', () => {
      shown.delete(notice);
      show(`/trainings/${id}`);
    });
    notice.show();
  }

  studio.subscribe((event) => {
    if (event.type !== 'job') return;
    const { job } = event;
    const before = states.get(job.id);
    states.set(job.id, job.state);
    const end = job.state === before ? undefined : jobEnd(job);
    if (end) tell(end).catch(console.error);
  });
}
