import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { committedGolden } from '../support/runCli.ts';
import { isMissing, launchChromium } from './chromium.ts';
import { fillLibrary } from './filledLibrary.ts';
import { type Studio, startStudio } from './studio.ts';
import { expectNoSeriousFindings, openPage, type WatchedPage } from './watchedPage.ts';

/** On a machine that may be busy with other tests. */
const patience = 300_000;
const singleFile = committedGolden('tiny-sd2-ldm-fp16.safetensors');

/** A checkpoint in which one weight has another name: it is missing, and one is left over. */
async function spoiltCheckpoint(folder: string): Promise<string> {
  const bytes = await readFile(singleFile);
  const key = '"model.diffusion_model.out.2.weight"';
  bytes.write(key.replace('out.2', 'out.9'), bytes.indexOf(key));
  const path = join(folder, 'spoilt.safetensors');
  await writeFile(path, bytes);
  return path;
}

describe.skipIf(isMissing)('models, devices and the map', { timeout: patience }, () => {
  let browser: Browser;
  let studio: Studio;
  let context: BrowserContext;
  let watched: WatchedPage;
  let page: Page;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tessera-models-'));
    [browser, studio] = await Promise.all([
      launchChromium(),
      fillLibrary().then((library) => startStudio({ library })),
    ]);
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    watched = await openPage(context, studio.link);
    page = watched.page;
    page.setDefaultTimeout(60_000);
  }, patience);

  afterAll(async () => {
    await browser.close();
    await studio.stop();
    await rm(studio.library, { recursive: true });
    await rm(folder, { recursive: true });
  });

  const button = (name: string | RegExp, within: Page = page) =>
    within.getByRole('button', { name, ...(typeof name === 'string' && { exact: true }) });

  const banner = () => page.getByText('The connection to Tessera was lost; nothing of yours is');
  const refusal = () => page.getByText('Tessera does not know this browser. Open the newest');

  async function goTo(screen: string, within = page): Promise<void> {
    await within.getByRole('link', { name: screen, exact: true }).click();
    await within.getByRole('heading', { name: screen, level: 1 }).waitFor();
  }

  test('a folder and a file become models; one that lacks a weight says which', async () => {
    await goTo('Models');
    const field = page.getByRole('textbox', { name: 'Path of the file or folder' });
    for (const path of [committedGolden('tiny-sd1'), singleFile, await spoiltCheckpoint(folder)]) {
      await field.fill(path);
      await button('Add').click();
      const name = path.split('/').at(-1)!.replace('.safetensors', '');
      await page.getByRole('heading', { name, exact: true, level: 2 }).waitFor();
    }
    await page
      .getByText(/no weight conv_out\.weight/)
      .first()
      .waitFor();
    await field.fill(join(folder, 'nowhere.safetensors'));
    await button('Add').click();
    await page
      .getByRole('alert')
      .getByText(/nowhere\.safetensors: no such file/)
      .waitFor();
    await expectNoSeriousFindings(page);
  });

  test('another model than the built-in one composes at its own size', async () => {
    await goTo('Compose');
    await page.getByRole('combobox', { name: 'Model' }).click();
    await page.getByRole('option', { name: /^tiny-sd1/ }).click();
    await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('a cat on a chair');
    await button(/^Sampling/).click();
    const steps = page.getByRole('slider', { name: 'Steps' });
    await steps.press('Home');
    await steps.press('ArrowRight');
    await button('Compose').click();
    await page.getByText(/^128 × 128, seed 0/).waitFor();
  });

  test('two windows compose at once, each its own picture', async () => {
    const second = await openPage(context, `${studio.origin}/#/compose`);
    await second.page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('a dog');
    await button('Compose', second.page).click();
    await button('Compose').click();
    await second.page
      .getByRole('img', { name: 'Composed picture: a dog', exact: true })
      .waitFor({ timeout: patience });
    await page.getByRole('img', { name: 'Composed picture: a cat on a chair' }).waitFor();
    expect(second.errors).toEqual([]);
    await second.page.close();
  });

  test('the death of the program in the middle of a picture is said, and survived', async () => {
    await page.getByRole('slider', { name: 'Steps' }).press('End');
    await button('Compose').click();
    await page.getByRole('main').getByRole('progressbar').waitFor();
    await studio.kill();
    await banner().waitFor();
    const port = Number(new URL(studio.origin).port);
    studio = await startStudio({ library: studio.library, port });
    // the program's new token is not the browser's until its new link is opened
    await refusal().waitFor();
    const other = await openPage(context, studio.link);
    await other.page.close();
    await refusal().waitFor({ state: 'detached' });
    const ofTheDeath = /WebSocket|ERR_CONNECTION|401 \(Unauthorized\)/;
    expect(watched.errors.filter((text) => !ofTheDeath.test(text))).toEqual([]);
    watched.errors.length = 0;
    await page.getByRole('slider', { name: 'Steps' }).press('Home');
    await button('Compose').click();
    await page.getByText(/^128 × 128, seed 0/).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('a device is tested, and diagnostics name no place of this machine', async () => {
    await goTo('Settings');
    await button('Test it').first().click();
    await button('Test again').waitFor({ timeout: patience });
    await page
      .getByText(/steps per second|steps a second|steps\/s/)
      .first()
      .waitFor();
    const diagnostics = page.getByRole('textbox', { name: 'Diagnostics' });
    await expect
      .poll(() => diagnostics.inputValue(), { timeout: 60_000 })
      .toContain('ONNX Runtime');
    const text = await diagnostics.inputValue();
    for (const place of [homedir(), tmpdir(), folder, studio.library, process.cwd()])
      expect(text).not.toContain(place);
    await expectNoSeriousFindings(page);
  });

  test('the map shows the way of a concept, its nearest words, and finds a word', async () => {
    await goTo('Embedding map');
    const aside = page.getByRole('complementary', { name: 'What the map shows' });
    await aside.getByRole('heading', { name: 'plain' }).waitFor();
    const nearest = aside.getByRole('button', { name: /, cosine .*show it on the map/ });
    expect(await nearest.count()).toBeGreaterThanOrEqual(8);
    await page.getByRole('combobox', { name: 'Find a word on the map' }).fill('balloon');
    await page.keyboard.press('Enter');
    await page.getByRole('radio', { name: 'Table' }).click();
    await page
      .getByRole('columnheader', { name: /^Distance/ })
      .first()
      .waitFor();
    await expectNoSeriousFindings(page);
    expect(watched.errors).toEqual([]);
  });
});
