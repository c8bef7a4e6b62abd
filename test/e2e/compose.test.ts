import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isMissing } from './chromium.ts';
import { fillLibrary } from './filledLibrary.ts';
import { press, tabTo } from './keyboard.ts';
import { type OpenStudio, openStudio } from './openStudio.ts';
import { expectNoSeriousFindings, type WatchedPage } from './watchedPage.ts';

/** Pictures on a machine that may be busy with other tests. */
const patience = 300_000;

describe.skipIf(isMissing)('the Compose screen', { timeout: patience }, () => {
  let opened: OpenStudio;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    opened = await openStudio({ library: await fillLibrary() });
    ({ watched, page } = opened);
    page.setDefaultTimeout(60_000);
  }, patience);

  afterAll(() => opened.close());

  beforeEach(() => {
    watched.errors.length = 0;
  });

  const button = (name: string | RegExp) =>
    page.getByRole('button', { name, ...(typeof name === 'string' && { exact: true }) });
  const prompt = () => page.getByRole('textbox', { name: 'Prompt', exact: true });
  const canvas = () => page.getByRole('group', { name: 'Layout: boxes on the picture' });
  const boxes = () => canvas().getByRole('button');
  const boxLabels = () =>
    boxes().evaluateAll((shapes) => shapes.map((shape) => shape.getAttribute('aria-label')));
  const picture = (name: string | RegExp = /^Composed picture/) =>
    page.getByRole('img', { name, exact: true });

  /** From one point of the picture to another, both in shares of its sides. */
  async function drag(from: [number, number], to: [number, number], keys: string[] = []) {
    const { x, y, width, height } = (await canvas().boundingBox())!;
    const at = ([across, down]: [number, number]) =>
      [x + across * width, y + down * height] as const;
    await page.mouse.move(...at(from));
    await page.mouse.down();
    for (const key of keys) await page.keyboard.down(key);
    await page.mouse.move(...at([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]));
    await page.mouse.move(...at(to));
    await page.mouse.up();
    for (const key of keys) await page.keyboard.up(key);
  }

  /** Moves a slider by keys to a value. */
  async function slideTo(slider: Locator, value: number, step: number): Promise<void> {
    await slider.focus();
    const now = Number(await slider.getAttribute('aria-valuenow'));
    const presses = Math.round(Math.abs(value - now) / step);
    for (let pressed = 0; pressed < presses; pressed++)
      await page.keyboard.press(value < now ? 'ArrowLeft' : 'ArrowRight');
    expect(Number(await slider.getAttribute('aria-valuenow'))).toBeCloseTo(value);
  }

  test('two concepts are brought into one prompt and composed, by keyboard alone', async () => {
    await press(page, page.getByRole('link', { name: 'Compose', exact: true }));
    await tabTo(page, prompt());
    for (const [text, token] of [
      ['a /re', '<rex>'],
      ['and a /to', '<tom>'],
    ]) {
      await page.keyboard.type(text);
      await page.getByRole('option', { name: token }).waitFor();
      await page.keyboard.press('Enter');
    }
    await expect.poll(() => prompt().inputValue()).toBe('a <rex> cat and a <tom> cat ');
    await press(page, button(/^Sampling/));
    await slideTo(page.getByRole('slider', { name: 'Steps' }), 4, 1);
    await page.keyboard.press('Control+Enter');
    await picture('Composed picture: a <rex> cat and a <tom> cat ').waitFor();
    await expectNoSeriousFindings(page);
  });

  test('Enter in a menu without concepts closes it and writes no line', async () => {
    const before = await prompt().inputValue();
    await prompt().focus();
    await page.keyboard.press('End');
    await page.keyboard.type('/nobody');
    await page.getByText('No trained concept is called so.').waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByRole('listbox').count()).toBe(0);
    expect(await prompt().inputValue()).toBe(`${before}/nobody`);
    await prompt().fill(before);
  });

  test('boxes are drawn, dragged and resized with the mouse, catching on lines', async () => {
    await button('<rex> cat').click();
    await drag([0.07, 0.26], [0.43, 0.74]);
    expect(await boxLabels()).toEqual(['<rex> cat, box: left 6 %, top 25 %, 38 % wide, 50 % high']);
    await button('<tom> cat').click();
    await drag([0.3, 0.3], [0.8, 0.8], ['Control']);
    expect(await boxLabels()).toEqual([
      '<rex> cat, box: left 6 %, top 25 %, 38 % wide, 50 % high',
      '<tom> cat, box: left 30 %, top 30 %, 50 % wide, 50 % high',
    ]);
    await drag([0.7, 0.7], [0.8, 0.7], ['Control']);
    await drag([0.9, 0.8], [0.8, 0.9], ['Control']);
    expect((await boxLabels())[1]).toBe(
      '<tom> cat, box: left 40 %, top 30 %, 40 % wide, 60 % high',
    );
  });

  test('boxes are moved, resized, doubled, stacked and removed by keys; all can be undone', async () => {
    const drawn = await boxLabels();
    await boxes().first().focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'Shift+ArrowDown', 'Alt+ArrowUp'])
      await page.keyboard.press(key);
    expect((await boxLabels())[0]).toBe('<rex> cat, box: left 8 %, top 25 %, 38 % wide, 51 % high');
    await page.keyboard.press(']');
    expect((await boxLabels())[1]).toContain('<rex> cat');
    await page.keyboard.press('Control+d');
    expect(await boxes().count()).toBe(3);
    await page.keyboard.press('Delete');
    const count = await boxes().count();
    for (let step = 0; step < 20 && (await boxLabels()).join() !== drawn.join(); step++)
      await page.keyboard.press('Control+z');
    expect(await boxLabels()).toEqual(drawn);
    for (let step = 0; step < 20 && (await button(/^Redo/).isEnabled()); step++)
      await page.keyboard.press('Control+Shift+z');
    expect(await boxes().count()).toBe(count);
  });

  test('size, sampler and strength go into the picture', async () => {
    await page.getByRole('combobox', { name: 'Sampler' }).click();
    await page.getByRole('option', { name: 'Euler', exact: true }).click();
    await page.getByRole('spinbutton', { name: 'Width' }).fill('96');
    await slideTo(page.getByRole('slider', { name: '<tom>', exact: true }), 0.5, 0.05);
    await page.getByText('50 %').first().waitFor();
    await button('Compose').click();
    await page.getByText(/^96 × 64, seed 0/).waitFor();
    const shape = (await canvas().boundingBox())!;
    expect(shape.width / shape.height).toBeCloseTo(1.5, 1);
    await page
      .getByText(/% inside/)
      .first()
      .waitFor();
  });

  test('the newest request wins', async () => {
    const seed = page.getByRole('textbox', { name: 'Seed' });
    for (const value of ['11', '12', '13']) {
      await seed.fill(value);
      await page.keyboard.press('Control+Enter');
    }
    await page.getByText(/^96 × 64, seed 13/).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('what is composed survives a reload of the window', async () => {
    const [words, placed] = [await prompt().inputValue(), await boxLabels()];
    await page.reload();
    await picture().waitFor();
    expect(await prompt().inputValue()).toBe(words);
    expect(await boxLabels()).toEqual(placed);
    await page.getByText(/^96 × 64, seed 13/).waitFor();
  });

  test('a layout is suggested, drawn anew, kept and taken back', async () => {
    await button('Clear all boxes').click();
    await button('Suggest layout').click();
    await expect.poll(() => boxes().count(), { timeout: patience }).toBe(2);
    const suggested = await boxLabels();
    await button('Saved priors').click();
    await page.getByRole('textbox', { name: 'Keep this prior as' }).fill('Two cats');
    await button('Keep').last().click();
    await page.getByText('Kept as "Two cats"').first().waitFor();
    await page.keyboard.press('Escape');
    await expect
      .poll(
        async () => {
          await button('Shuffle').click();
          return (await boxLabels()).join() !== suggested.join();
        },
        { timeout: patience, interval: 500 },
      )
      .toBe(true);
    await button('Saved priors').click();
    await button(/^Two cats/).click();
    await expect.poll(boxLabels).toEqual(suggested);
  });

  test('a prompt that is too long says so while it is written, and beside the picture', async () => {
    await prompt().fill(`a <rex> cat ${'and a small red house '.repeat(8)}`);
    await page.getByText(/tokens: the model does not see what is underlined/).waitFor();
    await button('Compose').click();
    await page.getByText(/^The prompt is longer than \d+ tokens.*house/).waitFor();
    await expectNoSeriousFindings(page);
    expect(watched.errors).toEqual([]);
  });
});
