/**
 * Scrolls the library's grid over 10,000 concepts in Chromium and times its frames. See README.md beside this file.
 *
 *   node bench/scrolling.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CDPSession, chromium, type Page } from 'playwright-core';
import sharp from 'sharp';
import { createConceptRepository } from '../src-main/library/conceptRepository.ts';
import { openWritable, transact } from '../src-main/library/database.ts';
import { openLibrary } from '../src-main/library/library.ts';
import { serve } from '../src-main/serve.ts';
import type { BlobHash } from '../src-shared/ids.ts';

const conceptCount = 10_000;
const coverCount = 200;
/** Pixels of a cover: of Stable Diffusion's pictures. */
const coverSide = 512;
const seconds = 5;
const sizes = [
  { width: 1280, height: 800 },
  { width: 2560, height: 1440 },
];

async function fill(folder: string): Promise<void> {
  const library = openLibrary(folder);
  const covers = await Promise.all(
    Array.from({ length: coverCount }, async (_, index) =>
      library.blobs.put(await drawCover(index)),
    ),
  );
  library.settings.change({ tourDone: true });
  library.close();
  const database = openWritable(join(folder, 'library.sqlite'));
  const concepts = createConceptRepository(database);
  transact(database, () => {
    for (let index = 0; index < conceptCount; index++) addConcept(concepts, covers, index);
  });
  database.close();
}

function drawCover(index: number): Promise<Buffer> {
  const noise = { type: 'gaussian' as const, mean: 60 + (index % 140), sigma: 25 };
  const create = { width: coverSide, height: coverSide, channels: 3 as const, noise };
  return sharp({ create: { ...create, background: '#000' } })
    .blur(3)
    .png()
    .toBuffer();
}

function addConcept(
  concepts: ReturnType<typeof createConceptRepository>,
  covers: readonly BlobHash[],
  index: number,
): void {
  const cover = covers[index % covers.length];
  const name = `Toy ${index + 1}`;
  const { id } = concepts.create({ name, token: `<toy-${index + 1}>`, classWord: 'robot' });
  concepts.addVersion(id, {
    ...{ variant: 'semantic', method: 'textual-inversion', file: cover, cover },
    ...{ modelName: 'Toybox', family: 'sd1', engineVersion: '0.1.0', vectors: 1, steps: 500 },
    drift: { normRatio: 1, classCosine: (index % 100) / 100, percentile: 50 },
    ...{ anchors: [], previews: [], photos: [] },
  });
}

/** Milliseconds between frames, while the grid moves by so many pixels at each of them. */
function scroll(page: Page, step: number): Promise<number[]> {
  // a text, because this side knows no window
  return page.evaluate<number[]>(`(async () => {
    const scroller = document.querySelector('[role=grid]').parentElement;
    const frame = () => new Promise(requestAnimationFrame);
    const times = [];
    const start = await frame();
    for (let last = start; last - start < ${seconds * 1000}; ) {
      scroller.scrollBy(0, ${step});
      const now = await frame();
      times.push(now - last);
      last = now;
    }
    return times;
  })()`);
}

/** Seconds that the processor spent on the page's own thread: scripts, styles and layout; painting is done by others. */
async function busySeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
}

function report(name: string, times: readonly number[], busy: number): void {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))];
  const figures = [at(0.5), at(0.95), at(1), (1000 * busy) / sorted.length];
  const cells = [name, sorted.length, ...figures.map((figure) => figure.toFixed(1))];
  console.log(`| ${cells.join(' | ')} |`);
}

const folder = mkdtempSync(join(tmpdir(), 'tessera-bench-'));
await fill(folder);
const studio = await serve({ folder, port: 0 });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  const page = await browser.newPage();
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const link = studio.newLink();
  await page.goto(link);
  console.log(
    '| window and pace | frames | median, ms | 95 %, ms | longest, ms | own thread, ms a frame |\n|---|---|---|---|---|---|',
  );
  for (const size of sizes) {
    await page.setViewportSize(size);
    for (const step of [20, 100]) {
      await page.goto(`${new URL(link).origin}/#/models`);
      await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor();
      await page.goto(`${new URL(link).origin}/#/library`);
      await page.getByRole('link', { name: `Toy ${conceptCount},` }).waitFor();
      const before = await busySeconds(session);
      const times = await scroll(page, step);
      const busy = (await busySeconds(session)) - before;
      report(`${size.width} x ${size.height}, ${step} px a frame`, times, busy);
    }
  }
} finally {
  await browser.close();
  await studio.close();
  rmSync(folder, { recursive: true });
}
