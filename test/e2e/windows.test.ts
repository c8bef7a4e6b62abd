import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isMissing } from './chromium.ts';
import { fillLibrary } from './filledLibrary.ts';
import { type OpenStudio, openStudio } from './openStudio.ts';
import { openPage } from './watchedPage.ts';

describe.skipIf(isMissing)('two windows on one concept', () => {
  let opened: OpenStudio;
  let pages: readonly [Page, Page];
  const notes = (page: Page) => page.getByRole('textbox', { name: 'Notes' });

  beforeAll(async () => {
    opened = await openStudio({ library: await fillLibrary() });
    const { context, page, studio } = opened;
    const second = await openPage(context, `${studio.origin}/#/library`);
    pages = [page, second.page];
    for (const one of pages) {
      await one.getByRole('link', { name: /^rex/ }).click();
      await notes(one).waitFor();
    }
  });

  afterAll(() => opened.close());

  test('what is noted in one shows in the other, and is left as it is', async () => {
    const [first, second] = pages;
    await notes(first).fill('Found in the attic');
    await expect.poll(() => notes(second).inputValue()).toBe('Found in the attic');
    // longer than a window waits before it saves
    await second.waitForTimeout(1500);
    expect(await notes(first).inputValue()).toBe('Found in the attic');
    await notes(second).fill('Found in the cellar');
    await expect.poll(() => notes(first).inputValue()).toBe('Found in the cellar');
    await first.waitForTimeout(1500);
    expect(await notes(second).inputValue()).toBe('Found in the cellar');
  });

  test('what another window saves does not take what is being typed', async () => {
    const [first, second] = pages;
    await notes(first).fill('One');
    await notes(second).pressSequentially(', and more', { delay: 150 });
    await expect.poll(() => notes(first).inputValue()).toBe('Found in the cellar, and more');
    expect(await notes(second).inputValue()).toBe('Found in the cellar, and more');
  });
});
