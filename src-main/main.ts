import { app, session } from 'electron';
import { createEngine } from './engine/host.ts';
import { showStartError } from './main/dialogs.ts';
import { startUtilityEngine } from './main/engineProcess.ts';
import { showIconProgress } from './main/iconProgress.ts';
import { serveIpc } from './main/ipc.ts';
import {
  askBeforeQuitting,
  becomeTheOnlyOne,
  followWindows,
  quitGracefully,
} from './main/lifecycle.ts';
import { lockContents, lockSession } from './main/lockdown.ts';
import { setMenu } from './main/menu.ts';
import { tellEnds } from './main/notices.ts';
import { registerScheme, serveProtocol } from './main/protocol.ts';
import { watchJobs } from './main/runningJobs.ts';
import { showScreen } from './main/screens.ts';
import { followTheme } from './main/theme.ts';
import { stayAwake } from './main/wakefulness.ts';
import { openWindow } from './main/window.ts';
import { createFiles } from './shell/files.ts';
import { openStudio } from './shell/openStudio.ts';
import { readPage } from './shell/page.ts';

/** The Electron shell. */

registerScheme();
lockContents();
// No page of ours needs what Chromium would look up by itself.
app.commandLine.appendSwitch('disable-background-networking');

if (becomeTheOnlyOne()) {
  app
    .whenReady()
    .then(open)
    .catch((error: unknown) => {
      showStartError(error);
      app.exit(1);
    });
}

async function open(): Promise<void> {
  const page = await readPage();
  const studio = await openStudio({
    shell: 'electron',
    createEngine: () => createEngine({ startProcess: startUtilityEngine }),
  });
  const ending = quitGracefully(() => studio.close());
  const jobs = await watchJobs(studio);
  askBeforeQuitting(jobs);
  stayAwake(jobs);
  showIconProgress(studio);
  tellEnds(studio, (path) => showScreen(openWindow, path));
  await followTheme(studio);
  lockSession(session.defaultSession);
  serveProtocol(createFiles({ page, blobs: studio.blobs, freeBytes: studio.freeBytes }));
  serveIpc(studio);
  setMenu(openWindow);
  followWindows(openWindow, ending);
  openWindow();
}
