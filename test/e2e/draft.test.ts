import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isMissing } from './chromium.ts';
import { fillLibrary } from './filledLibrary.ts';
import { type OpenStudio, openStudio } from './openStudio.ts';
import { goodPhotos } from './photoFiles.ts';
import { openPage } from './watchedPage.ts';

describe.skipIf(isMissing)('what is made of the form of a new concept', () => {
  let opened: OpenStudio;
  let page: Page;
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
  const link = (name: string | RegExp) => page.getByRole('link', { name, exact: true });
  const tiles = () => page.getByRole('button', { name: /^Crop and mask / });
  const nameField = () => page.getByRole('textbox', { name: 'Name' });
  const badge = () => page.getByText('mask', { exact: true });
  const addPhotos = async (...numbers: readonly number[]) => {
    const files = await goodPhotos(...numbers);
    await page
      .getByLabel('Photos', { exact: true })
      .last()
      .setInputFiles([...files]);
  };
  const openMask = async (name: string) => {
    await button(`Crop and mask ${name}`).click();
    await page.getByRole('radio', { name: /^Mask/ }).click();
    const mask = page.getByRole('application', { name: new RegExp(`^Mask of ${name}`) });
    await mask.focus();
    return mask;
  };
  const paint = async () => {
    for (const key of [' ', 'ArrowRight', 'ArrowRight', ' ']) await page.keyboard.press(key);
  };

  beforeAll(async () => {
    opened = await openStudio({ library: await fillLibrary(), place: '#/concepts/new' });
    page = opened.page;
    await button('Choose photos').waitFor();
    await addPhotos(1, 2);
    await tiles().nth(1).waitFor();
  });

  afterAll(() => opened.close());

  test('strokes are taken back and had again by key', async () => {
    await openMask('mine-1.png');
    await paint();
    await page.keyboard.press('Control+z');
    expect(await button('Undo').isEnabled()).toBe(false);
    await page.keyboard.press('Control+Shift+Z');
    expect(await button('Undo').isEnabled()).toBe(true);
    await button('Done').click();
    await expect.poll(() => badge().count()).toBe(1);
  });

  test('a mask outlives a look at it, though it cannot be read', async () => {
    const { held, release } = await holdRequests(page, 'GET');
    const sent = sentFiles(page);
    await openMask('mine-1.png');
    await expect.poll(() => held.length).toBeGreaterThan(0);
    await button('Done').click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await badge().count()).toBe(1);
    expect(sent).toEqual([]);
    await release();
  });

  test('paint that the library does not take holds nobody', async () => {
    const full = { kind: 'fault', message: 'no space left on the disk' };
    await page.route('**/blobs', (route) => route.fulfill({ status: 500, json: full }));
    await openMask('mine-2.png');
    await paint();
    await button('Done').click();
    await page.getByText('no space left on the disk').waitFor();
    await button('Discard what was painted').click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await badge().count()).toBe(1);
    await page.unroute('**/blobs');
  });

  test('files that are on their way arrive, whichever screen is shown', async () => {
    const { held, release } = await holdRequests(page, 'POST');
    await addPhotos(3);
    await expect.poll(() => held.length).toBe(1);
    await link('Models').click();
    await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor();
    await release();
    await page.goBack();
    await expect.poll(() => tiles().count()).toBe(3);
  });

  test('outlives another load of the window, but for files on their way', async () => {
    await nameField().fill('Mine for ever');
    const { held, release } = await holdRequests(page, 'POST');
    await addPhotos(4);
    await expect.poll(() => held.length).toBe(1);
    await page.reload();
    await release();
    await page.getByText('mine-4.png: it was not read to its end').waitFor();
    expect(await nameField().inputValue()).toBe('Mine for ever');
    expect(await tiles().count()).toBe(3);
    expect(await badge().count()).toBe(1);
    await button('Dismiss').click();
  });

  test('is not replaced unasked', async () => {
    await link('Library').click();
    await link(/^rex/).click();
    await link('Train a new version').click();
    await page.getByText('The form still holds Mine for ever with 3 photos').waitFor();
    await button('Go on with it').click();
    expect(await nameField().inputValue()).toBe('Mine for ever');
    await page.goBack();
    await link('Train a new version').click();
    await button('Replace it').click();
    await page.getByRole('heading', { name: 'New version of rex', level: 1 }).waitFor();
    expect(await tiles().count()).toBe(0);
  });

  test('is there again on the way back, whatever it began with', async () => {
    await addPhotos(1);
    await expect.poll(() => tiles().count()).toBe(1);
    await link('Models').click();
    await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'New version of rex', level: 1 }).waitFor();
    expect(await tiles().count()).toBe(1);
    await button('Start over').click();
    expect(await tiles().count()).toBe(0);
    expect(await button('Start over').count()).toBe(0);
    await button('Undo').click();
    await expect.poll(() => tiles().count()).toBe(1);
  });

  test('can be mended where nothing hovers', async () => {
    const { browser, context, studio } = opened;
    const touch = await browser.newContext({
      ...{ storageState: await context.storageState(), hasTouch: true, isMobile: true },
    });
    const { page: touched } = await openPage(touch, `${studio.origin}/#/concepts/new`);
    await touched.getByRole('button', { name: 'Choose photos' }).waitFor();
    await touched.locator('input[type=file]').setInputFiles(await goodPhotos(1));
    const remove = touched.getByRole('button', { name: 'Remove mine-1.png' });
    await remove.waitFor();
    expect(await remove.evaluate((element) => getComputedStyle(element).opacity)).toBe('1');
    await remove.tap();
    await remove.waitFor({ state: 'detached' });
    await touch.close();
  });
});

/** Lets no file through, to the library (POST) or from it (GET), until it is told to. */
async function holdRequests(page: Page, method: 'GET' | 'POST') {
  const held: string[] = [];
  const { promise: released, resolve } = Promise.withResolvers<void>();
  await page.route(/\/blobs/, async (route) => {
    if (route.request().method() === method) {
      held.push(route.request().url());
      await released;
    }
    await route.continue();
  });
  const release = async () => {
    resolve();
    await page.unrouteAll({ behavior: 'wait' });
  };
  return { held, release };
}

function sentFiles(page: Page): string[] {
  const sent: string[] = [];
  page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()));
  return sent;
}
