import { BrowserWindow } from 'electron';
import { jobProgress } from '../../src-shared/jobProgress.ts';
import type { StudioPort } from '../shell/studioPort.ts';

/** Takes the bar away. */
const none = -1;

/** Shows how far the running job is on the icon of the program, where the system has a bar there. */
export function showIconProgress(studio: Pick<StudioPort, 'subscribe'>): void {
  const running = new Map<string, number>();
  let shown = none;
  studio.subscribe((event) => {
    if (event.type !== 'job') return;
    const { job } = event;
    if (job.state === 'running') running.set(job.id, jobProgress(job).share);
    else running.delete(job.id);
    const [share = none] = running.values();
    // in hundredths: what cannot be seen is not told
    const next = Math.round(share * 100) / 100;
    if (next === shown) return;
    shown = next;
    for (const window of BrowserWindow.getAllWindows()) window.setProgressBar(next);
  });
}
