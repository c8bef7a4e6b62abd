import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../src-main/engine/checkpoint/checkpoint.ts';
import { weightsOf } from '../../src-main/engine/concepts/modelWeights.ts';
import { writeSafetensors } from '../../src-main/engine/files/writeSafetensors.ts';
import { float32Data } from '../../src-main/engine/tensor/tensorData.ts';
import { openLibrary } from '../../src-main/library/library.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { versionNamed } from '../support/testLibrary.ts';
import { toyboxFolder } from '../support/toybox.ts';
import { isMissing } from './chromium.ts';
import { press, tabTo, type } from './keyboard.ts';
import { type OpenStudio, openStudio } from './openStudio.ts';
import { dropOnLibrary } from './photoFiles.ts';
import { expectNoSeriousFindings, type WatchedPage } from './watchedPage.ts';

const patience = 300_000;

const temporary = temporaryFolder();

/** Name and class word; the later ones are newer. */
const concepts = [
  ...[...Array(40).keys()].map((number) => [`Toy ${number + 1}`, 'robot'] as const),
  ...([
    ['מינקה', 'cat'],
    ['Bruno', 'dog'],
    ['Ämilie', 'teapot'],
  ] as const),
];

function coverOf(hue: number): Promise<Buffer> {
  const background = `hsl(${hue}, 60%, 70%)`;
  return sharp({ create: { width: 64, height: 64, channels: 3, background } })
    .png()
    .toBuffer();
}

/** A library as a year of work leaves it, but for the files. */
async function fillShelves(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-e2e-'));
  const library = openLibrary(folder);
  for (const [name, classWord] of concepts) {
    const { id } = library.concepts.create({
      name,
      token: `<${name.replace(' ', '-')}>`,
      classWord,
    });
    const cover = await library.blobs.put(await coverOf(name.length * 9));
    const method = classWord === 'dog' ? 'custom-diffusion' : 'textual-inversion';
    library.concepts.addVersion(id, { ...(await versionNamed(library, name)), cover, method });
  }
  library.settings.change({ tourDone: true });
  library.close();
  return folder;
}

describe.skipIf(isMissing)('the library, by keyboard', { timeout: patience }, () => {
  let opened: OpenStudio;
  let watched: WatchedPage;
  let page: Page;
  const button = (name: string | RegExp) => page.getByRole('button', { name });
  const card = (name: string | RegExp) => page.getByRole('link', { name });
  const cells = () => page.getByRole('grid', { name: 'Concepts' }).getByRole('gridcell');
  const firstName = () => cells().first().locator('a').getAttribute('aria-label');
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));

  /** The grid has one stop: the card that had the focus last. */
  const toFirst = async () => {
    await tabTo(page, cells().locator('a[tabindex="0"]'));
    await page.keyboard.press('Home');
    await expect.poll(focused).toBe('Ämilie, teapot');
  };

  beforeAll(async () => {
    opened = await openStudio({ library: await fillShelves() });
    ({ watched, page } = opened);
  }, patience);

  afterAll(() => opened.close());

  test('arrow keys lead through the grid, and a concept gives the focus back', async () => {
    await tabTo(page, card(/^Ämilie/));
    await page.keyboard.press('ArrowRight');
    await expect.poll(focused).toBe('Bruno, dog');
    await page.keyboard.press('End');
    await expect.poll(focused).toBe('Toy 1, robot');
    await page.keyboard.press('ArrowUp');
    const above = await expect.poll(focused).not.toBe('Toy 1, robot').then(focused);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: above!.split(',')[0] }).waitFor();
    await page.goBack();
    await expect.poll(focused).toBe(above);
    expect(await card(above!).isVisible()).toBe(true);
    await page.keyboard.press('Home');
    await expect.poll(focused).toBe('Ämilie, teapot');
  });

  test('a name runs in its own direction, so that its beginning is what is not cut off', async () => {
    const directionOf = (name: string) =>
      page
        .getByText(name, { exact: true })
        .evaluate((element) => getComputedStyle(element).direction);
    expect(await directionOf('מינקה')).toBe('rtl');
    expect(await directionOf('Ämilie')).toBe('ltr');
  });

  test('words are found as they are written, whatever the accents', async () => {
    await type(page, page.getByRole('searchbox', { name: 'Search concepts' }), 'ami');
    await page.getByText('1 concept', { exact: true }).waitFor();
    expect(await firstName()).toBe('Ämilie, teapot');
    for (const _ of 'ami') await page.keyboard.press('Backspace');
    await page.getByText('43 concepts', { exact: true }).waitFor();
  });

  test('favourites, tags and methods narrow it down, and orders turn it', async () => {
    await tabTo(page, card(/^Ämilie/));
    await page.keyboard.press('ArrowRight');
    await expect.poll(focused).toBe('Bruno, dog');
    await page.keyboard.press('f');
    await button('Take out of the favourites').waitFor();
    await press(page, button('Filter'));
    await press(page, button('Favourites only'));
    await page.getByText('1 concept', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    expect(page.url()).toContain('favourite=1');
    await press(page, button('Remove Favourites'));
    await press(page, button('Filter'));
    await press(page, button('Custom Diffusion'));
    await page.getByText('1 concept', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await press(page, button('Remove Custom Diffusion'));
    await tabTo(page, page.getByRole('combobox', { name: 'Order' }));
    await page.keyboard.press('Enter');
    await page.getByRole('option', { name: 'Name' }).press('Enter');
    await expect.poll(firstName).toBe('Ämilie, teapot');
    await page.getByRole('combobox', { name: 'Order' }).press('Enter');
    await page.getByRole('option', { name: 'Oldest first' }).press('Enter');
    await expect.poll(firstName).toBe('Toy 1, robot');
    await page.goto(`${opened.studio.origin}/#/library`);
    await expect.poll(firstName).toBe('Ämilie, teapot');
  });

  test('what is thrown away comes back', async () => {
    await toFirst();
    for (const key of [' ', 'ArrowRight', 'Shift+ ']) await page.keyboard.press(key);
    await page.getByText('2 selected').waitFor();
    await press(page, button('Move to trash'));
    await page.getByText('41 concepts', { exact: true }).waitFor();
    await press(page, button('Undo'));
    await page.getByText('43 concepts', { exact: true }).waitFor();
    await toFirst();
    await page.keyboard.press('Delete');
    await page.getByText('42 concepts', { exact: true }).waitFor();
    await press(page, button('Trash'));
    await page.getByRole('heading', { name: 'Trash', level: 1 }).waitFor();
    await press(page, button('Empty trash'));
    await press(page, button('Delete for good'));
    await page.getByText('The trash is empty').waitFor();
    await press(page, button('Back to the library'));
    await page.getByText('42 concepts', { exact: true }).waitFor();
  });

  test('a word of another program is dropped in and told what it is; a pickle is refused', async () => {
    const pickle = {
      name: 'old.pt',
      mimeType: '',
      buffer: Buffer.from('PK\x03\x04 archive/data.pkl'),
    };
    const dialog = page.getByRole('dialog', { name: 'Import my tram.safetensors' });
    await dropOnLibrary(page, [await embeddingFile('my tram')]);
    await press(page, dialog.getByRole('button', { name: 'Close' }));
    await dialog.waitFor({ state: 'detached' });
    expect(await page.getByText('was imported').count()).toBe(0);
    await dropOnLibrary(page, [await embeddingFile('my tram'), pickle]);
    await dialog.waitFor();
    await page.getByText(/^Of another program: a textual inversion, 2 vectors of width/).waitFor();
    await page.getByText('old.pt was not imported').first().waitFor();
    expect(await page.getByRole('textbox', { name: 'Token' }).inputValue()).toBe('<my-tram>');
    await type(page, page.getByRole('combobox', { name: 'Class word' }), 'tram');
    await expectNoSeriousFindings(page);
    await press(page, button('Import'));
    await page.getByText('my tram was imported').first().waitFor();
    await press(page, button('Open'));
    await page.getByRole('heading', { name: 'my tram', level: 1 }).waitFor();
    await page.getByText('Imported for Toybox').waitFor();
    await page.getByText('Another program trained it. How is not known.').waitFor();
    expect(watched.errors).toEqual([]);
  });

  test('weights are joined by the word that was dropped in with them', async () => {
    await press(page, page.getByRole('link', { name: 'Library' }));
    await cells().first().waitFor();
    await dropOnLibrary(page, [await embeddingFile('new1'), await weightsFile('hound')]);
    const dialog = page.getByRole('dialog', { name: 'Import hound.safetensors' });
    await dialog.waitFor();
    const word = page.getByRole('combobox', { name: 'Its word' });
    await tabTo(page, word);
    await page.keyboard.press('Enter');
    await page.getByRole('option', { name: /^new1\.safetensors/ }).press('Enter');
    const token = page.getByRole('textbox', { name: 'Token' });
    await expect.poll(() => token.inputValue()).toBe('<new1>');
    await type(page, page.getByRole('combobox', { name: 'Class word' }), 'dog');
    await expectNoSeriousFindings(page);
    await press(page, button('Import'));
    await page.getByText('hound was imported').first().waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(watched.errors).toEqual([]);
  });

  test('a file on its way shows how far it is, and can be given up', async () => {
    const tram = await embeddingFile('slow tram');
    const empty = { ...tram, name: 'empty.safetensors', buffer: Buffer.alloc(0) };
    const { promise: released, resolve } = Promise.withResolvers<void>();
    await page.route('**/blobs', async (route) => {
      await released;
      await route.abort();
    });
    await press(page, page.getByRole('link', { name: 'Library' }));
    await cells().first().waitFor();
    await dropOnLibrary(page, [tram, empty]);
    await page.getByText(/^(Importing|Reading) slow tram.safetensors, 1 file to come$/).waitFor();
    await expectNoSeriousFindings(page);
    await press(page, button('Cancel'));
    await page.getByText(/slow tram.safetensors, 1 file/).waitFor({ state: 'detached' });
    resolve();
    await page.unrouteAll({ behavior: 'wait' });
    expect(await page.getByText(/^(slow tram|empty).*was not imported/).count()).toBe(0);
    await dropOnLibrary(page, [empty]);
    await page.getByText('the file is empty').first().waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });
});

/** As kohya's scripts write it, for the built-in model. */
async function embeddingFile(name: string) {
  const path = temporary.path(`${name}.safetensors`);
  const width = openCheckpoint(toyboxFolder).configs.textEncoder.hiddenSize;
  const rows = float32Data([2, width], new Float32Array(2 * width).fill(0.1));
  writeSafetensors(path, new Map([['emb_params', rows]]), {});
  return { name: basename(path), mimeType: '', buffer: await readFile(path) };
}

/** Custom Diffusion as diffusers writes it: one of the built-in model's layers, and no word. */
async function weightsFile(name: string) {
  const path = temporary.path(`${name}.safetensors`);
  const { unet } = weightsOf(openCheckpoint(toyboxFolder));
  const [key, shape] = [...unet].find(([one]) => one.endsWith('attn2.to_k.weight'))!;
  const own = key.replace('to_k.weight', 'processor.to_k_custom_diffusion.weight');
  const zeros = new Float32Array(shape.reduce((product, side) => product * side, 1));
  writeSafetensors(path, new Map([[own, float32Data([...shape], zeros)]]), {});
  return { name: basename(path), mimeType: '', buffer: await readFile(path) };
}
