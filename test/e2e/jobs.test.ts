import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLibrary } from '../../src-main/library/library.ts';
import type { JobStatus } from '../../src-shared/jobRecord.ts';
import { smallTraining } from '../main/jobs/jobStudio.ts';
import { testSettings } from '../support/testSettings.ts';
import { isMissing } from './chromium.ts';
import { type OpenStudio, openStudio } from './openStudio.ts';
import { expectNoSeriousFindings } from './watchedPage.ts';

const patience = 120_000;

const progress = { phase: 'training', step: 4, total: 8, memory: 1e9 };
const error = { message: 'the device ran out of memory', advice: 'Take a smaller batch.' };

/** Two trainings that rest, one of a model that is not there any more, and one that has failed. */
async function fillQueue(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-e2e-'));
  const photos = await mkdtemp(join(tmpdir(), 'tessera-photos-'));
  const library = openLibrary(folder);
  library.settings.change({ ...testSettings, tourDone: true });
  const request = await smallTraining(library, photos);
  const gone = { ...request, modelId: '00000000-0000-4000-8000-000000000000' };
  const add = (name: string, asked: typeof request, state: JobStatus['state']) => {
    const words = { token: `<${name}>`, classWord: 'cat' };
    const { id: conceptId } = library.concepts.create({ name, ...words });
    const { id } = library.jobs.add({
      ...{ kind: 'train', title: `Training <${name}>`, device: 'cpu', conceptId },
      request: {
        ...{ request: { ...asked, concept: { name, ...words } }, ...words },
        ...{ device: 'cpu', threads: 1 },
      },
    });
    library.jobs.change(id, { state, progress, ...(state === 'failed' && { error }) });
  };
  add('good', request, 'paused');
  add('bad', gone, 'paused');
  add('old', request, 'failed');
  library.close();
  await rm(photos, { recursive: true });
  return folder;
}

describe.skipIf(isMissing)(
  'the queue, from everywhere in the window',
  { timeout: patience },
  () => {
    let opened: OpenStudio;
    let page: Page;
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    const card = (name: string) => page.getByRole('link', { name: `${name}, cat` });
    const tray = () => page.getByRole('region', { name: 'Jobs' }).getByRole('button');
    const job = (name: string) =>
      page.getByRole('dialog', { name: 'Jobs' }).getByRole('listitem').filter({ hasText: name });
    const offered = async (name: string) =>
      job(name)
        .getByRole('button')
        .evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
    const act = (name: string, action: string) =>
      job(name).getByRole('button', { name: action, exact: true }).click();

    beforeAll(async () => {
      opened = await openStudio({ library: await fillQueue() });
      ({ page } = opened);
      await card('old').waitFor();
    });

    afterAll(() => opened.close());

    test('a training that has failed is seen where one looks', async () => {
      await card('old').getByText('Training failed').waitFor();
      await card('old').click();
      await page.getByText('Its training failed').waitFor();
      await page.getByText(error.message).waitFor();
      await page.getByRole('link', { name: 'Library' }).click();
      await tray().click();
      expect(await offered('<old>')).toEqual(['Resume', 'Discard']);
      expect(await offered('<good>')).toEqual(['Resume', 'Cancel']);
      await expectNoSeriousFindings(page);
    });

    test('what is learned is given up only once asked', async () => {
      await act('<good>', 'Cancel');
      await button('Leave it').click();
      expect(await offered('<good>')).toEqual(['Resume', 'Cancel']);
      await act('<old>', 'Discard');
      await button('Discard the training').click();
      await job('<old>').waitFor({ state: 'detached' });
      await card('old').waitFor({ state: 'detached' });
    });

    test('what goes wrong is told at once, and stays to be seen', async () => {
      await act('<bad>', 'Resume');
      await page.getByText('Training <bad> failed', { exact: true }).first().waitFor();
      await button('Open').click();
      await page.getByRole('heading', { name: 'bad', level: 1 }).waitFor();
      await page.getByText('The training stopped').waitFor();
      await page.keyboard.press('Escape');
      await button('Discard').click();
      await button('Discard the training').click();
      await page.getByText('This training was cancelled').waitFor();
    });

    test('a window that is not seen tells the end by its title', async () => {
      await page.getByRole('link', { name: 'Library' }).click();
      await tray().click();
      await hide(page, true);
      await act('<good>', 'Resume');
      await expect.poll(() => page.title()).toMatch(/^\d+ % Training <good> - Tessera$/);
      await expect.poll(() => page.title()).toBe('Training <good> is done - Tessera');
      await hide(page, false);
      await expect.poll(() => page.title()).toBe('Tessera');
      await page.getByText('Training <good> is done', { exact: true }).first().waitFor();
      await button('Open').click();
      await page.getByText('The concept is trained').waitFor();
    });
  },
);

/** As another window in front of it does. */
async function hide(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}
