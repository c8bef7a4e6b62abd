import { rm } from 'node:fs/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isMissing, launchChromium } from './chromium.ts';
import { press, tabTo, type } from './keyboard.ts';
import { badFiles, type GivenFile, goodPhotos } from './photoFiles.ts';
import { type Studio, startStudio } from './studio.ts';
import { expectNoSeriousFindings, openPage, type WatchedPage } from './watchedPage.ts';

const patience = 900_000;
async function choosePhotos(page: Page, files: GivenFile[]): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await press(page, page.getByRole('button', { name: /^(Choose photos|Add)$/ }).first());
  await (await chooser).setFiles(files);
}

describe.skipIf(isMissing)('a concept from photos, by keyboard alone', () => {
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

  test('files that are no photos are refused by name, and lose nothing', {
    timeout: patience,
  }, async () => {
    const { page } = watched;
    await press(page, page.getByRole('link', { name: 'New concept' }));
    await page.getByRole('heading', { name: 'New concept', level: 1 }).waitFor();
    await choosePhotos(page, await goodPhotos(1, 2, 3, 4));
    const tiles = page.getByRole('button', { name: /^Crop and mask mine/ });
    await expect.poll(() => tiles.count(), { timeout: 30_000 }).toBe(4);
    const bad = await badFiles();
    await choosePhotos(page, bad);
    const note = page.getByText('5 files could not be added');
    await note.waitFor({ timeout: 30_000 });
    for (const { name } of bad) {
      const reason = page.getByText(new RegExp(`${name.replace('.', '\\.')}.{8,}`)).first();
      await expect.poll(() => reason.isVisible(), { message: name }).toBe(true);
    }
    expect(await tiles.count()).toBe(4);
    await expectNoSeriousFindings(page);
    await press(page, page.getByRole('button', { name: 'Dismiss' }));
  });

  test('a training survives the death of the program', { timeout: patience }, async () => {
    const { page } = watched;
    await type(page, page.getByRole('textbox', { name: 'Name' }), 'Teapot of mine');
    await type(page, page.getByRole('combobox', { name: 'Class word' }), 'teapot');
    await page.keyboard.press('Escape');
    await tabTo(page, page.getByRole('radio', { name: /^Balanced/ }));
    // A key held for a moment, as fingers do: the focus follows it a little later.
    await page.keyboard.press('ArrowLeft', { delay: 100 });
    await expect
      .poll(() => page.getByRole('radio', { name: /^Quick/ }).getAttribute('aria-checked'))
      .toBe('true');
    // enough to be struck in the middle, and to go on from a checkpoint
    await press(page, page.getByRole('button', { name: /^Advanced/ }));
    await type(page, page.getByRole('spinbutton', { name: 'Steps', exact: true }), '60');
    await type(page, page.getByRole('spinbutton', { name: 'Checkpoint every' }), '10');
    await press(page, page.getByRole('button', { name: 'Start training' }));
    await page.waitForURL(/#\/trainings\//);
    const address = new URL(page.url()).hash;

    const bar = page.getByRole('main').getByRole('progressbar');
    const share = async () => Number(await bar.getAttribute('aria-valuenow'));
    await expect.poll(share, { timeout: patience, interval: 200 }).toBeGreaterThan(25);
    const before = await share();
    await studio.kill();
    await page.getByText('The connection to Tessera was lost').waitFor();

    studio = await startStudio({
      library: studio.library,
      port: Number(new URL(studio.origin).port),
    });
    // The link of the new start lets the whole browser in: this window, which was left open, comes back by itself.
    const other = await openPage(context, studio.link);
    await other.page.close();
    await page.getByRole('alert').waitFor({ state: 'detached', timeout: 30_000 });
    expect(new URL(page.url()).hash).toBe(address);
    await expect.poll(share, { timeout: patience }).toBeGreaterThanOrEqual(before - 15);
    await page.getByText('The concept is trained').waitFor({ timeout: patience });
    await expectNoSeriousFindings(page);
  });

  test('its concept is compared four ways', { timeout: patience }, async () => {
    const { page } = watched;
    await press(page, page.getByRole('link', { name: 'Compare plain and semantic' }));
    await press(page, page.getByRole('button', { name: 'Compare four ways' }));
    const pictures = page.getByRole('img', { name: /^(Plain|Semantic|Spatial|Both).*:/ });
    await expect.poll(() => pictures.count(), { timeout: patience }).toBe(4);
    expect(watched.foreign).toEqual([]);
  });

  test('a token that is taken is refused before anything is trained', {
    timeout: patience,
  }, async () => {
    const { page } = watched;
    await page.goto(`${studio.origin}/#/concepts/new`);
    await choosePhotos(page, await goodPhotos(1, 2, 3, 4));
    await page
      .getByRole('button', { name: /^Crop and mask mine/ })
      .nth(3)
      .waitFor();
    await type(page, page.getByRole('textbox', { name: 'Name' }), 'Teapot of mine');
    await type(page, page.getByRole('combobox', { name: 'Class word' }), 'teapot');
    await page.keyboard.press('Escape');
    await press(page, page.getByRole('button', { name: 'Start training' }));
    await page
      .getByText(/field needs a look|fields need a look|did not start/)
      .first()
      .waitFor();
    expect(page.url()).toContain('/concepts/new');
  });
});
