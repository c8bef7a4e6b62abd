import { rm } from 'node:fs/promises';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isMissing, launchChromium } from './chromium.ts';
import { type Studio, startStudio } from './studio.ts';
import {
  expectNoSeriousFindings,
  openPage,
  seriousFindings,
  type WatchedPage,
} from './watchedPage.ts';

const screens = [
  ...['/library', '/concepts/new', '/compose', '/compare', '/gallery', '/map'],
  ...['/models', '/settings'],
];

describe.skipIf(isMissing)('the screens of an empty library', () => {
  let browser: Browser;
  let studio: Studio;
  let context: BrowserContext;
  let watched: WatchedPage;

  beforeAll(async () => {
    [browser, studio] = await Promise.all([launchChromium(), startStudio()]);
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    watched = await openPage(context, studio.link);
  });

  afterAll(async () => {
    await browser.close();
    await studio.stop();
    await rm(studio.library, { recursive: true });
  });

  test('open from a link that leaves the address', () => {
    expect(watched.page.url()).not.toContain('key=');
  });

  test('are judged by somebody who finds what there is to find', async () => {
    const page = await context.newPage();
    await page.setContent('<html lang="en"><title>a</title><main><img src="data:,"></main></html>');
    expect(await seriousFindings(page)).toEqual([expect.stringMatching(/^image-alt: img/)]);
    await page.close();
  });

  test.each([
    [390, 844],
    [800, 900],
    [1024, 700],
  ])('fit into a window of %i x %i pixels', async (width, height) => {
    const { page, errors } = watched;
    await page.setViewportSize({ width, height });
    for (const path of screens) {
      await page.goto(`${studio.origin}/#${path}`);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      await page.waitForLoadState('networkidle');
      expect(await page.evaluate(controlsOutside), path).toEqual([]);
      expect(await page.evaluate(scrollingTabs), path).toEqual([]);
      await expectNoSeriousFindings(page);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    expect(errors).toEqual([]);
  });

  describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
    test.each(screens)('%s can be used by everybody, and fits', async (path) => {
      const { page, errors, foreign } = watched;
      await page.emulateMedia({ colorScheme });
      await page.goto(`${studio.origin}/#${path}`);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      await page.waitForLoadState('networkidle');
      await expectNoSeriousFindings(page);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, 'pixels beside the window').toBe(0);
      expect(errors).toEqual([]);
      expect(foreign).toEqual([]);
    });
  });
});

/** Names of controls that stand beside the window, where nobody gets at them. */
function controlsOutside(): string[] {
  const controls = [...document.querySelectorAll<HTMLElement>('a, button, input, textarea')];
  return controls
    .filter((control) => {
      const { left, right, width } = control.getBoundingClientRect();
      const isHidden = width <= 1 || control.closest('.overflow-x-auto') !== null;
      return !isHidden && (left < 0 || right > window.innerWidth);
    })
    .map((control) => control.getAttribute('aria-label') ?? control.innerText);
}

/** Names of rows of tabs that do not show all of them. */
function scrollingTabs(): (string | null)[] {
  return [...document.querySelectorAll('[role=tablist]')]
    .filter((row) => {
      const isCut = getComputedStyle(row).overflowY !== 'visible';
      return row.scrollWidth > row.clientWidth || (isCut && row.scrollHeight > row.clientHeight);
    })
    .map((row) => row.getAttribute('aria-label'));
}
