import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const program = process.env.TESSERA_CHROMIUM ?? '/usr/bin/chromium';

/** Where Chromium is missing these tests are left out, but never in continuous integration. */
export const isMissing = !existsSync(program) && !process.env.CI;

/** Chromium that does nothing of its own accord: what goes out comes from the page. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: program,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
