import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { isMissing } from './chromium.ts';
import { type OpenStudio, openStudio } from './openStudio.ts';
import { dropFiles, goodPhotos, oddPhotos, pasteFiles } from './photoFiles.ts';
import { expectNoSeriousFindings, type WatchedPage } from './watchedPage.ts';

const patience = 300_000;
const temporary = temporaryFolder();

describe.skipIf(isMissing)('a concept by mouse, from its photos to its versions', () => {
  let opened: OpenStudio;
  let watched: WatchedPage;
  let page: Page;
  const button = (name: string | RegExp) => page.getByRole('button', { name });
  const tiles = () => button(/^Crop and mask /);

  beforeAll(async () => {
    opened = await openStudio();
    ({ watched, page } = opened);
  });

  afterAll(() => opened.close());

  test('photos that are dropped anywhere begin it, and others are pasted', async () => {
    await page.getByText('Teach Tessera something of yours').waitFor();
    await dropFiles(page, await goodPhotos(1));
    await page.getByRole('heading', { name: 'New concept', level: 1 }).waitFor();
    expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('Mine');
    await expect.poll(() => tiles().count(), { timeout: 30_000 }).toBe(1);
    await pasteFiles(page, [...(await goodPhotos(1, 2)), ...(await oddPhotos())]);
    await page.getByText('mine-1.png: it is the same picture as mine-1.png').waitFor();
    await expect.poll(() => tiles().count(), { timeout: 30_000 }).toBe(5);
    for (const name of ['dance.gif', 'print.jpg', 'renamed.png']) {
      await tiles()
        .and(button(new RegExp(name)))
        .hover();
      await button(`Remove ${name}`).click();
    }
    await page.getByRole('main').getByRole('button', { name: 'Dismiss' }).click();
    expect(await tiles().count()).toBe(2);
  });

  test('a mask is painted and erased, a crop drawn smaller', async () => {
    await button('Crop and mask mine-1.png').click();
    await page.getByRole('radio', { name: 'Mask' }).click();
    const mask = page.getByRole('application', { name: /^Mask of mine-1/ });
    await drag(page, mask, [-60, 0], [60, 0]);
    await page.getByRole('radio', { name: 'Erase' }).click();
    await drag(page, mask, [0, 0], [70, 0]);
    await button('Undo').click();
    await button('Redo').click();
    await button('Next photo').click();
    const crop = page.getByRole('application', { name: /^Crop of mine-2/ });
    const before = (await crop.boundingBox())!;
    const corner = before.height / 2 - 3;
    await drag(page, crop, [corner, corner], [corner / 2, corner / 2]);
    expect(await crop.getAttribute('aria-label')).toMatch(/: 19\d pixels wide, 0 from the left/);
    await page.getByRole('textbox', { name: 'Also in this photo' }).fill('in the snow');
    await button('Done').click();
    for (const badge of ['mask', 'crop']) {
      expect(await page.getByText(badge, { exact: true }).count()).toBe(1);
    }
  });

  test('the training learns from just that, and rests when it is told to', {
    timeout: patience,
  }, async () => {
    await page.getByRole('combobox', { name: 'Class word' }).fill('rabb');
    await page.getByRole('option', { name: 'rabbit' }).click();
    await fillAdvanced(page, { steps: 12, previewEvery: 6 });
    await page.getByText('A plain twin is trained first').waitFor();
    await page.getByText('rabbit1.00').waitFor();
    await expectNoSeriousFindings(page);
    await button('Start training').click();
    await button('Stop here and keep step 6').waitFor({ timeout: patience });
    await button('Pause').click();
    await button('Resume').waitFor();
    await page.getByText(/^paused at step \d+/).waitFor();

    const trainings = join(opened.studio.library, 'trainings');
    const pictures = join(trainings, readdirSync(trainings)[0]!, 'pictures');
    const { width } = await sharp(join(pictures, 'photos/02-mine-2.png')).metadata();
    expect(width).toBeGreaterThan(190);
    expect(width).toBeLessThan(200);
    const painted = sharp(join(pictures, 'masks/01-mine-1.png')).greyscale();
    const { data, info } = await painted.raw().toBuffer({ resolveWithObject: true });
    const at = (x: number) => data[Math.round(info.height / 2) * info.width + x];
    const middle = Math.round(info.width / 2);
    expect([at(middle - 40), at(middle + 20), at(10)]).toEqual([255, 0, 0]);

    await button('Resume').click();
    await page.getByText('The concept is trained').waitFor({ timeout: patience });
    await expectNoSeriousFindings(page);
  });

  test('its page tells how it was made and keeps what is noted', async () => {
    await page.getByRole('link', { name: 'Open the concept' }).click();
    await page.getByRole('heading', { name: 'Mine', level: 1 }).waitFor();
    await page.getByText('a <mine> rabbit and a backpack').first().waitFor();
    await button(/^How it was made.*12 steps in \d+ s on Toybox/).waitFor();
    await button('Add to the favourites').click();
    await page.getByLabel('Another tag').fill('toys');
    await page.keyboard.press('Enter');
    await button('Remove toys').waitFor();
    await page.getByRole('textbox', { name: 'Notes' }).fill('Found in the attic');
    await page.getByText('Saving').waitFor({ state: 'detached' });
    await page.reload();
    await button('Take out of the favourites').waitFor();
    expect(await page.getByRole('textbox', { name: 'Notes' }).inputValue()).toBe(
      'Found in the attic',
    );
    await expectNoSeriousFindings(page);
  });

  test('a new version begins with what made the old one, and ends at the step that is kept', {
    timeout: patience,
  }, async () => {
    await page.getByRole('link', { name: 'Train a new version' }).click();
    await page.getByText('How long: 12 steps, as set under Advanced').waitFor();
    expect(await page.getByText('mask', { exact: true }).count()).toBe(1);
    await fillAdvanced(page, { steps: 1000, previewEvery: 4 });
    await page.getByRole('switch', { name: 'Train a plain twin too' }).click();
    await page.getByText('A plain twin is trained first').waitFor({ state: 'detached' });
    await button('Start training').click();
    await button('Stop here and keep step 4').click({ timeout: patience });
    await page.getByText('Step 4 was kept as version 3', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Open the concept' }).click();
    const version = button(/^Version 3 semantic .* 4 steps.* from version 2$/);
    await version.waitFor();
    await expect.poll(() => version.getAttribute('aria-pressed')).toBe('true');
    await button(/^Version 2/).click();
    await page.getByText('12 steps in').waitFor();
  });

  test('a version leaves as a file, which comes in again where its token is free', async () => {
    await button('More').click();
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'Export this version' }).click();
    const path = temporary.path('mine-v2-semantic.safetensors');
    const file = await download;
    expect(file.suggestedFilename()).toBe('mine-v2-semantic.safetensors');
    await file.saveAs(path);
    await page.goBack();
    await page.getByRole('link', { name: 'Library' }).click();
    await importConcept(page, path);
    await page
      .getByText(/is in the library already: it is version 2 of "Mine"$/)
      .first()
      .waitFor();
    await page.getByRole('link', { name: /^Mine/ }).focus();
    await page.keyboard.press('Delete');
    await importConcept(page, path);
    await page.getByRole('link', { name: 'mine-v2-semantic, rabbit' }).waitFor();
    await button('Undo').click();
    await page
      .getByText(/"Mine" cannot have the token <mine>: the concept "mine-v2/)
      .first()
      .waitFor();
    expect(watched.errors).toEqual([]);
    expect(watched.foreign).toEqual([]);
  });
});

async function importConcept(page: Page, path: string): Promise<void> {
  await page.getByRole('button', { name: 'More' }).click();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('menuitem', { name: 'Import concept files' }).click();
  await (await chooser).setFiles(path);
}

/** From one place to another, both in pixels from the middle of the element. */
async function drag(
  page: Page,
  target: ReturnType<Page['locator']>,
  from: readonly [number, number],
  to: readonly [number, number],
): Promise<void> {
  const { x, y, width, height } = (await target.boundingBox())!;
  const middle = [x + width / 2, y + height / 2] as const;
  await page.mouse.move(middle[0] + from[0], middle[1] + from[1]);
  await page.mouse.down();
  await page.mouse.move(middle[0] + to[0], middle[1] + to[1], { steps: 5 });
  await page.mouse.up();
}

async function fillAdvanced(
  page: Page,
  { steps, previewEvery }: { steps: number; previewEvery: number },
): Promise<void> {
  await page.getByRole('button', { name: /^Advanced/ }).click();
  await page.getByLabel('Steps', { exact: true }).fill(String(steps));
  await page.getByLabel('Batch', { exact: true }).fill('1');
  await page.getByLabel('Preview every').fill(String(previewEvery));
}
