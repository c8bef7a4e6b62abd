import { rm } from 'node:fs/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchChromium } from './chromium.ts';
import { type Studio, startStudio } from './studio.ts';
import { openPage, type WatchedPage } from './watchedPage.ts';

/** A studio with one window on it. */
export interface OpenStudio {
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly studio: Studio;
  readonly watched: WatchedPage;
  readonly page: Page;
  /** Ends both, and removes the library. */
  close(): Promise<void>;
}

interface OpenOptions {
  /** Folder of a library that is there; by default a new one. */
  readonly library?: string;
  /** What the window's address ends with, such as '#/gallery'. */
  readonly place?: string;
}

export async function openStudio({ library, place = '' }: OpenOptions = {}): Promise<OpenStudio> {
  const [browser, studio] = await Promise.all([launchChromium(), startStudio({ library })]);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const watched = await openPage(context, `${studio.link}${place}`);
  const close = async () => {
    await browser.close();
    await studio.stop();
    await rm(studio.library, { recursive: true });
  };
  return { browser, context, studio, watched, page: watched.page, close };
}
