import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isMissing } from './chromium.ts';
import { fillLibrary } from './filledLibrary.ts';
import { press, tabTo, type } from './keyboard.ts';
import { type OpenStudio, openStudio } from './openStudio.ts';
import { expectNoSeriousFindings, type WatchedPage } from './watchedPage.ts';

/** Pictures on a machine that may be busy with other tests. */
const patience = 300_000;

describe.skipIf(isMissing)('the Compare screen', { timeout: patience }, () => {
  let opened: OpenStudio;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    opened = await openStudio({ library: await fillLibrary() });
    ({ watched, page } = opened);
    page.setDefaultTimeout(60_000);
  }, patience);

  afterAll(() => opened.close());

  const button = (name: string | RegExp) => page.getByRole('button', { name });
  const tab = (name: string) => page.getByRole('tab', { name });
  const pictures = () => page.getByRole('img', { name: /^(Plain|Semantic|Spatial)[^:]*: a <rex>/ });
  const candidates = () => page.getByRole('img', { name: /^(Left|Right) picture$/ });

  test('four pictures of one seed are made, by keyboard alone', async () => {
    await press(page, page.getByRole('link', { name: 'Compose', exact: true }));
    await type(page, page.getByRole('textbox', { name: 'Prompt' }), 'a <rex> cat and a house');
    await press(page, button(/^Sampling/));
    await tabTo(page, page.getByRole('slider', { name: 'Steps' }));
    await page.keyboard.press('Home');
    for (let step = 1; step < 4; step++) await page.keyboard.press('ArrowRight');
    await press(page, button('Add a box for house'));
    await press(page, button('Add a box for <rex> cat'));
    await press(page, page.getByRole('link', { name: 'Compare', exact: true }));
    await press(page, button('Compare four ways'));
    await expect.poll(() => pictures().count(), { timeout: patience }).toBe(4);
    await page.getByText('Attention inside').first().waitFor();
    await expectNoSeriousFindings(page);
  });

  test('two of them lie on each other, with a line that keys and the mouse move', async () => {
    await press(page, tab('Side by side'));
    await page.keyboard.press('ArrowRight');
    const line = page.getByRole('slider', { name: 'Line between Plain and Semantic + spatial' });
    const share = async () => Number(await line.getAttribute('aria-valuenow'));
    await tabTo(page, line);
    await page.keyboard.press('ArrowRight');
    expect(await share()).toBeGreaterThan(50);
    const { x, y, width, height } = (await line.locator('..').boundingBox())!;
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width / 4, y + height / 2);
    await page.mouse.up();
    await expect.poll(share).toBe(25);
    await expectNoSeriousFindings(page);
  });

  test('attention is played step by step, and scrubbed', async () => {
    await tab('Attention over time').click();
    const step = page.getByRole('slider', { name: 'Step', exact: true });
    const at = async () => Number(await step.getAttribute('aria-valuenow'));
    const last = await at();
    expect(last).toBeGreaterThan(1);
    const map = page.getByRole('img', { name: 'Plain: attention of <rex> cat' });
    const drawn = () => map.evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
    const end = await drawn();
    await button('Play the steps').click();
    await expect.poll(at).toBe(1);
    await button('Play the steps').waitFor();
    expect(await at()).toBe(last);
    expect(await drawn()).toBe(end);
    await step.focus();
    await page.keyboard.press('Home');
    expect(await at()).toBe(0);
    expect(await drawn()).not.toBe(end);
    await expectNoSeriousFindings(page);
  });

  test('the sheet is one picture of all four', async () => {
    const download = page.waitForEvent('download');
    await button('Sheet as PNG').click();
    const sheet = await (await download).path();
    const { format, width, height } = await sharp(sheet).metadata();
    expect(format).toBe('png');
    expect(Math.min(width, height)).toBeGreaterThan(700);
    expect((await download).suggestedFilename()).toMatch(/^comparison, .*\.png$/);
  });

  test('a batch that a reload ends says so, and goes on', async () => {
    await page.getByRole('spinbutton', { name: 'Seeds' }).fill('3');
    await button('Compare and keep').click();
    await page.getByText(/^Seed 2 of 3/).waitFor({ timeout: patience });
    await page.reload();
    await page.getByText('The batch ended at 1 of 3 seeds').waitFor();
    await expectNoSeriousFindings(page);
    await button('Go on').click();
    await page.getByText(/^Seed 3 of 3/).waitFor({ timeout: patience });
    await page.getByText('Ready.').waitFor({ timeout: patience });
    expect(await page.getByText(/The batch ended/).count()).toBe(0);
  });

  test('it is judged blindly, and the sign test says how much the votes prove', async () => {
    await tab('Blind votes').click();
    for (const left of [2, 1, 0]) {
      await candidates().first().waitFor();
      const shown = await candidates().evaluateAll((all) => all.map((image) => image.outerHTML));
      expect(shown.join()).not.toMatch(/plain|semantic|spatial/i);
      await page.keyboard.press(left === 1 ? '0' : '1');
      await page.getByText(new RegExp(`${3 - left} votes? so far, ${left} left`)).waitFor();
    }
    await page.getByText('All are voted on').waitFor();
    await button('Take the last vote back').click();
    await page.getByText('2 votes so far, 1 left').waitFor();
    await page.keyboard.press('1');
    await page.getByText('All are voted on').waitFor();
    await page.keyboard.press('Backspace');
    await candidates().first().waitFor();
    await page.keyboard.press('1');
    await page.getByText('All are voted on').waitFor();
    const result = page.getByRole('region', { name: 'Result' });
    await expect.poll(() => result.innerText()).toMatch(/p = (1\.00|0\.50): could be chance/);
    expect(await result.innerText()).toContain('1 tie left out');
    await expectNoSeriousFindings(page);
    expect(watched.errors).toEqual([]);
  });
});
