import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demo } from '../../src-shared/demo.ts';
import { isMissing, launchChromium } from './chromium.ts';
import { type Studio, startStudio } from './studio.ts';
import { expectNoSeriousFindings, openPage, type WatchedPage } from './watchedPage.ts';

/** Two trainings on a machine that may be busy with other tests. */
const patience = 900_000;

const recorder = pathToFileURL(join(import.meta.dirname, 'recordConnections.ts')).href;

describe.skipIf(isMissing)('the first hour with the studio', () => {
  let browser: Browser;
  let studio: Studio;
  let context: BrowserContext;
  let watched: WatchedPage;
  let record: string;

  beforeAll(async () => {
    browser = await launchChromium();
    record = join(tmpdir(), `tessera-connections-${process.pid}.txt`);
    await rm(record, { force: true });
    studio = await startStudio({
      environment: { NODE_OPTIONS: `--import=${recorder}`, TESSERA_TEST_CONNECTIONS: record },
    });
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    watched = await openPage(context, studio.link);
  });

  afterAll(async () => {
    await browser.close();
    await studio.stop();
    await rm(studio.library, { recursive: true });
    await rm(record, { force: true });
  });

  test('the tour leads to a first comparison', { timeout: patience }, async () => {
    const { page, errors } = watched;
    const button = (name: string | RegExp) => page.getByRole('button', { name });
    const step = (name: string) =>
      page.getByRole('heading', { name }).waitFor({ timeout: patience });
    await button('Take the three-minute tour').click();
    await button('Begin').click();
    await button('Train it').click();
    await step('Watch it learn');
    await expectNoSeriousFindings(page);
    await step('Compare the two');
    await button('Open the comparison').click();
    await button('Compare four ways').click();
    await step('That is the idea');
    await button('Finish').click();
    expect(await page.getByRole('img', { name: /^(Plain|Semantic|Spatial|Both).*:/ }).count()).toBe(
      4,
    );
    expect(errors).toEqual([]);
  });

  test('what one window keeps shows in the other', async () => {
    const second = await openPage(context, `${studio.origin}/#/gallery`);
    await second.page.getByRole('heading', { name: 'Gallery', level: 1 }).waitFor();
    await watched.page.getByRole('button', { name: 'Keep', exact: true }).click();
    const pictures = second.page.getByRole('grid', { name: 'Pictures' }).getByRole('gridcell');
    await expect.poll(() => pictures.count(), { timeout: 20_000 }).toBe(4);
    expect(second.errors).toEqual([]);
    await second.page.close();
  });

  test('a picture is composed with one click', { timeout: patience }, async () => {
    const { page, errors } = watched;
    await page.getByRole('link', { name: 'Compose', exact: true }).click();
    await page
      .getByRole('button', { name: /^Compose/ })
      .first()
      .click();
    await page.getByRole('button', { name: 'Keep', exact: true }).waitFor({ timeout: patience });
    await expectNoSeriousFindings(page);
    expect(errors).toEqual([]);
  });

  test.each(['/library', '/compare', '/gallery', '/map', '/models', '/settings'])(
    '%s can be used by everybody once it is filled, light and dark',
    async (path) => {
      const { page, errors } = watched;
      await page.goto(`${studio.origin}/#${path}`);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      await page.waitForLoadState('networkidle');
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme });
        await expectNoSeriousFindings(page);
      }
      expect(errors).toEqual([]);
    },
  );

  test('a concept has its page', async () => {
    const { page } = watched;
    const name = new RegExp(demo.sample, 'i');
    await page.goto(`${studio.origin}/#/library`);
    await page.getByRole('link', { name }).first().click();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
    await expectNoSeriousFindings(page);
  });

  test('nothing has left the machine', async () => {
    expect(watched.foreign).toEqual([]);
    const lines = (await readFile(record, 'utf8')).trim().split('\n');
    const watching = lines.filter((line) => line.startsWith('watching'));
    // The server and its engines: that they were watched at all is part of the proof.
    expect(watching.some((line) => line.includes('cli.ts'))).toBe(true);
    expect(watching.some((line) => line.includes('worker.ts'))).toBe(true);
    expect(lines.filter((line) => !line.startsWith('watching'))).toEqual([]);
  });
});
