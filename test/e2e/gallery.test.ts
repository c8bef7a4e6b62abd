import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestStudio, toyboxId } from '../support/testStudio.ts';
import { isMissing } from './chromium.ts';
import { fillLibrary } from './filledLibrary.ts';
import { press, tabTo, type } from './keyboard.ts';
import { type OpenStudio, openStudio } from './openStudio.ts';
import { expectNoSeriousFindings, type WatchedPage } from './watchedPage.ts';

const patience = 300_000;

/** The newest is shown first. */
const prompts = ['a <tom> cat', 'a robot', 'a <rex> cat and a backpack'] as const;

/** A library with a picture of each prompt, of few steps. */
async function fillGallery(): Promise<string> {
  const folder = await fillLibrary();
  const studio = await openTestStudio(folder);
  const modelId = await toyboxId(studio);
  const { concepts } = await studio.call('listConcepts', {});
  for (const [seed, prompt] of prompts.entries()) {
    const used = concepts.filter(({ token }) => prompt.includes(token));
    const versions = await Promise.all(used.map(({ id }) => studio.call('getConcept', { id })));
    const uses = versions.map(({ token, versionList }) => ({
      token,
      versionId: versionList[0].id,
    }));
    const settings = { prompt, modelId, seed, steps: 3, concepts: uses };
    const picture = await studio.call('composePreview', { settings });
    await studio.call('keepComposition', { picture });
  }
  await studio.close();
  return folder;
}

describe.skipIf(isMissing)('the gallery', { timeout: patience }, () => {
  let opened: OpenStudio;
  let watched: WatchedPage;
  let page: Page;
  const button = (name: string | RegExp) => page.getByRole('button', { name });
  const tile = (prompt: string) => button(new RegExp(`^${prompt}, `));
  const count = (text: string) => page.getByText(text, { exact: true }).waitFor();
  const viewer = () => page.getByRole('dialog');
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  const shownHash = async () =>
    (await viewer().getByRole('img').first().getAttribute('src'))?.match(/[0-9a-f]{64}/)?.[0];

  beforeAll(async () => {
    opened = await openStudio({ library: await fillGallery(), place: '#/gallery' });
    ({ watched, page } = opened);
  }, patience);

  afterAll(() => opened.close());

  test('is gone through and rated by keys alone', async () => {
    await count('3 pictures');
    await tabTo(page, tile(prompts[2]));
    await page.keyboard.press('5');
    await expect.poll(focused).toBe(`${prompts[2]}, 5 of 5`);
    await page.keyboard.press('ArrowRight');
    await expect.poll(focused).toBe(`${prompts[1]}, not rated`);
    await page.keyboard.press('Enter');
    await viewer().getByText('Picture 2 of 3').waitFor();
    await page.keyboard.press('2');
    await viewer().getByText(prompts[1], { exact: true }).waitFor();
    await expectNoSeriousFindings(page);
    await page.keyboard.press('ArrowRight');
    await viewer().getByText('Picture 3 of 3').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(focused).toBe(`${prompts[0]}, not rated`);
  });

  test('gives its prompts away, also where the browser has no clipboard for the page', async () => {
    await page.evaluate(() =>
      Object.defineProperty(navigator, 'clipboard', { configurable: true, value: undefined }),
    );
    await tile(prompts[1]).click();
    await button('Copy the prompt').click();
    await page.getByText('Prompt copied').first().waitFor();
    await viewer().getByRole('button', { name: 'Close' }).click();
    const search = page.getByRole('searchbox', { name: 'Search prompts' });
    await search.focus();
    await page.keyboard.press('Control+v');
    expect(await search.inputValue()).toBe(prompts[1]);
    await search.fill('');
    await count('3 pictures');
  });

  test('is narrowed down by words, rating and concept', async () => {
    await type(page, page.getByRole('searchbox', { name: 'Search prompts' }), 'robo');
    await count('1 picture');
    await press(page, button('Clear'));
    await count('3 pictures');
    await page.getByRole('combobox', { name: 'Rating' }).press('Enter');
    await page.getByRole('option', { name: '3 or more stars' }).press('Enter');
    await count('1 picture');
    expect(page.url()).toContain('rating=3');
    await press(page, button('Clear'));
    await press(page, button('Any concept'));
    await type(page, page.getByRole('textbox', { name: 'Search concepts' }), 'tom');
    await press(page, page.getByRole('dialog').getByRole('button', { name: /^tom <tom>/ }));
    await count('1 picture');
    await tile(prompts[0]).waitFor();
    await press(page, button('Show pictures of any concept'));
    await page.getByRole('combobox', { name: 'Model' }).press('Enter');
    await page.getByRole('option', { name: 'Toybox' }).press('Enter');
    await count('3 pictures');
    await press(page, button('Clear'));
  });

  test('lets a picture out with its parameters inside, dragged or downloaded', async () => {
    const dragged = await tile(prompts[1]).evaluate((element) => {
      const dataTransfer = new DataTransfer();
      element.dispatchEvent(new DragEvent('dragstart', { dataTransfer, bubbles: true }));
      return dataTransfer.getData('DownloadURL');
    });
    const [, mime, name, address] = /^(.+?):(.+?):(http.+)$/.exec(dragged)!;
    expect([mime, name]).toEqual(['image/png', 'a-robot-seed-1.png']);
    const answer = await page.request.get(address);
    expect(answer.headers()['content-disposition']).toContain(name);
    const png = await answer.body();
    expect(png.toString('latin1')).toMatch(/tEXtparameters\0a robot\nSteps: 3, .*Seed: 1,/);

    await tile(prompts[1]).click();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: /^Download as PNG/ }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe(name);
    expect(await readFile(await file.path())).toEqual(png);
  });

  test('repeats a picture to its bytes, and varies it by its seed alone', async () => {
    const before = await shownHash();
    await page.getByRole('link', { name: 'Repeat' }).click();
    const composed = page.getByRole('img', { name: 'Composed picture: a robot' });
    const composedHash = async () =>
      (await composed.getAttribute('src'))?.match(/[0-9a-f]{64}/)?.[0];
    await composed.waitFor({ timeout: patience });
    await expect.poll(composedHash, { timeout: patience }).toBe(before);
    await page.goBack();
    await tile(prompts[1]).click();
    await page.getByRole('link', { name: 'Vary' }).click();
    await expect.poll(composedHash, { timeout: patience }).not.toBe(before);
    expect(await page.getByRole('textbox', { name: 'Prompt', exact: true }).inputValue()).toBe(
      'a robot',
    );
    await button('Keep').click();
    await page.getByRole('link', { name: 'Gallery', exact: true }).click();
    await count('4 pictures');
  });

  test('throws away and takes back', async () => {
    await tabTo(page, page.getByRole('gridcell').locator('button[data-index][tabindex="0"]'));
    await page.keyboard.press('Home');
    await page.keyboard.press(' ');
    await page.keyboard.press('End');
    await page.keyboard.press('Shift+ ');
    await page.getByText('4 selected').waitFor();
    await press(page, button('Move to trash'));
    await page.getByText('No pictures yet').waitFor();
    await press(page, button('Undo'));
    await count('4 pictures');
    expect(watched.errors).toEqual([]);
    expect(watched.foreign).toEqual([]);
  });

  test('a screen whose file is gone offers to load the window again', async () => {
    await page.route('**/MapScreen*', (route) => route.fulfill({ status: 404 }));
    await page.getByRole('link', { name: 'Embedding map' }).click();
    await page.getByText('This screen could not be loaded').waitFor();
    await page.unroute('**/MapScreen*');
    await button('Load again').click();
    await page.getByRole('heading', { name: 'Embedding map', level: 1 }).waitFor();
  });
});
