/**
 * `npm run screenshots`: every screen, filled, at two sizes and in both colour schemes, into out/screenshots. Trains a
 * sample of the built-in model both ways first, in a library of its own. CHROMIUM names the browser's program.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { serve } from '../../src-main/serve.ts';
import { demo } from '../../src-shared/demo.ts';
import { root } from './buildPage.ts';

const sizes = [
  { width: 1280, height: 800 },
  { width: 2560, height: 1440 },
];
const patience = 900_000;
const target = join(root, 'out/screenshots');
const library = mkdtempSync(join(tmpdir(), 'tessera-screenshots-'));

mkdirSync(target, { recursive: true });
const studio = await serve({ folder: library, port: 0 });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
const page = await browser.newPage({ viewport: sizes[0] });

try {
  const link = studio.newLink();
  await page.goto(link);
  await shoot(page, 'library-empty');
  await trainSample(page);
  await compare(page);
  await compose(page);
  await shootScreens(page, new URL(link).origin);
} finally {
  await browser.close();
  await studio.close();
  rmSync(library, { recursive: true });
}

/** The tour does what a newcomer does. */
async function trainSample(page: Page): Promise<void> {
  await button(page, 'Take the three-minute tour').click();
  await shoot(page, 'tour');
  await button(page, 'Begin').click();
  await button(page, 'Train it').click();
  await page.getByRole('heading', { name: 'Compare the two' }).waitFor({ timeout: patience });
  await shoot(page, 'training');
  await button(page, 'Open the comparison').click();
}

async function compare(page: Page): Promise<void> {
  await button(page, 'Compare four ways').click();
  await button(page, 'Finish').click({ timeout: patience });
  await shoot(page, 'compare');
  for (const [tab, name] of [
    ['Before and after', 'slider'],
    ['Attention over time', 'attention'],
    ['Blind votes', 'votes'],
  ] as const) {
    await page.getByRole('tab', { name: tab }).click();
    await shoot(page, `compare-${name}`);
  }
  await button(page, 'Keep').click();
}

async function compose(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Compose', exact: true }).click();
  await page
    .getByRole('button', { name: /^Compose/ })
    .first()
    .click();
  await page.getByRole('img', { name: /^Composed picture/ }).waitFor({ timeout: patience });
  await shoot(page, 'compose');
}

async function shootScreens(page: Page, origin: string): Promise<void> {
  for (const name of ['library', 'concepts/new', 'gallery', 'map', 'models', 'settings']) {
    await page.goto(`${origin}/#/${name}`);
    await shoot(page, name.replace('/', '-'));
  }
  await page.goto(`${origin}/#/library`);
  await page
    .getByRole('link', { name: new RegExp(demo.sample, 'i') })
    .first()
    .click();
  await shoot(page, 'concept');
}

function button(page: Page, name: string) {
  return page.getByRole('button', { name, exact: true });
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  for (const size of sizes) {
    await page.setViewportSize(size);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.waitForLoadState('networkidle');
      await page.waitForTimeout(400);
      await page.screenshot({ path: join(target, `${name}-${size.width}-${colorScheme}.png`) });
    }
  }
  await page.setViewportSize(sizes[0]!);
}
