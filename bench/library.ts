/**
 * Fills a library with 10,000 concepts and 100,000 pictures and times what the studio asks of it. See README.md beside
 * this file.
 *
 *   node bench/library.ts [folder to keep it in]
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../src-main/engine/numbers.ts';
import { createCompositionRepository } from '../src-main/library/compositionRepository.ts';
import { createConceptRepository } from '../src-main/library/conceptRepository.ts';
import {
  openWritable,
  statementCache,
  transact,
  type WritableDatabase,
} from '../src-main/library/database.ts';
import { openLibrary } from '../src-main/library/library.ts';
import { type ComposedPicture, compositionSettings } from '../src-shared/composition.ts';
import { type BlobHash, blobHash } from '../src-shared/ids.ts';
import { type StudioInput, studioApi } from '../src-shared/studioApi.ts';

const conceptCount = 10_000;
const pictureCount = 100_000;
const photosOfConcept = 10;
const rounds = 31;

const subjects = ['cat', 'dog', 'teapot', 'robot', 'castle', 'vase', 'dragon', 'chair'];
const adjectives = ['red', 'small', 'ancient', 'golden', 'sleepy', 'wooden', 'blue', 'fluffy'];
const places = ['a beach', 'an attic', 'a forest', 'the moon', 'a table', 'a street'];
/** Stand-ins for the ids of three models. */
const models = [1, 2, 3].map((digit) => `00000000-0000-4000-8000-00000000000${digit}`);
const pick = (items: readonly string[], index: number) => items[index % items.length];
const phrase = (index: number) =>
  `${pick(adjectives, index)} ${pick(subjects, index >> 3)} on ${pick(places, index >> 6)}`;

/** The row of a file; its bytes are of no matter here. */
function file(database: WritableDatabase, name: string): BlobHash {
  const hash = blobHash.parse(createHash('sha256').update(name).digest('hex'));
  const sql = 'INSERT OR IGNORE INTO blobs (hash, bytes, kept_at) VALUES (?, 1000, 0)';
  statementCache(database)(sql).run(hash);
  return hash;
}

function photos(database: WritableDatabase, concept: number) {
  return Array.from({ length: photosOfConcept }, (_, index) => ({
    name: `photo-${index}.jpg`,
    blob: file(database, `photo ${concept} ${index}`),
    thumbnail: file(database, `thumbnail ${concept} ${index}`),
    width: 1024,
    height: 768,
    crop: { left: 128, top: 0, side: 768 },
    captionSuffix: '',
  }));
}

/** A concept with one version that was trained for 500 steps. */
function addConcept(
  concepts: ReturnType<typeof createConceptRepository>,
  database: WritableDatabase,
  index: number,
): void {
  const { id } = concepts.create({
    name: `${phrase(index)} ${index}`,
    token: `<my-${pick(subjects, index)}-${index}>`,
    classWord: pick(subjects, index),
    tags: [pick(adjectives, index), pick(places, index >> 3)],
    notes: `Trained from ${photosOfConcept} photos of a ${phrase(index >> 2)}.`,
  });
  const step = Array.from({ length: 500 }, (_, index) => index + 1);
  const figure = step.map((value) => Math.sin(value) / value);
  concepts.addVersion(id, {
    variant: index % 2 ? 'plain' : 'semantic',
    method: index % 3 ? 'textual-inversion' : 'custom-diffusion',
    file: file(database, `concept ${index}`),
    modelName: 'Toybox',
    family: 'sd1',
    settings: studioApi.startTraining.input.shape.settings.parse({}),
    engineVersion: '0.1.0',
    vectors: 1,
    steps: 500,
    drift: { normRatio: 1, classCosine: 0.5, percentile: index % 100 },
    anchors: [{ word: 'cat', share: 1 }],
    history: { step, figures: { loss: figure, gradientNorm: figure, normRatio: figure } },
    previews: [],
    photos: photos(database, index),
    cover: file(database, `cover ${index}`),
  });
}

/** A picture whose two phrases have heat maps over twenty steps. */
function composed(database: WritableDatabase, index: number, versionId: string): ComposedPicture {
  const values = Array.from({ length: 256 }, (_, cell) => Math.sin(cell + index) ** 2 / 128);
  const heatMap = { height: 16, width: 16, values };
  const overTime = Array.from({ length: 20 }, (_, step) => ({ step, heatMap }));
  const phrases = index % 10 ? [] : ['cat', 'backpack']; // most pictures have no layout
  return {
    picture: file(database, `picture ${index}`),
    width: 512,
    height: 512,
    settings: compositionSettings.parse({
      prompt: `a photo of a ${phrase(index)}, ${phrase(index * 7)}, number ${index}`,
      negative: 'blurry, low quality',
      modelId: models[index % 3],
      concepts: [{ versionId, token: '<my-cat>' }],
    }),
    attention: phrases.map((name) => ({ phrase: name, inside: 0.5, heatMap, overTime })),
    drifts: [{ token: '<my-cat>' }],
    seconds: 4,
  };
}

/** Adds what a table lacks of so many rows. */
function fillTable(
  database: WritableDatabase,
  table: string,
  count: number,
  add: (index: number) => void,
): void {
  const there = Number(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
  for (let start = there; start < count; start += 1000) {
    transact(database, () => {
      for (let index = start; index < Math.min(start + 1000, count); index++) add(index);
    });
    process.stderr.write('.');
  }
}

function fill(folder: string): void {
  openLibrary(folder).close();
  const database = openWritable(join(folder, 'library.sqlite'));
  database.pragma('synchronous = OFF');
  const concepts = createConceptRepository(database);
  const compositions = createCompositionRepository(database);
  fillTable(database, 'concepts', conceptCount, (index) => addConcept(concepts, database, index));
  const ids = 'SELECT id FROM concept_versions ORDER BY key';
  const versions = database.prepare<[], string>(ids).pluck().all();
  fillTable(database, 'compositions', pictureCount, (index) =>
    compositions.keep({
      picture: composed(database, index, versions[index % versions.length]),
      thumbnail: file(database, `small ${index}`),
      modelName: 'Toybox',
      rating: index % 6,
    }),
  );
  process.stderr.write('\n');
  database.close();
}

/** Medians in milliseconds: on the processor, and by the clock. */
function time(work: () => unknown): string {
  const used: number[] = [];
  const passed: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const [start, before] = [performance.now(), process.cpuUsage()];
    work();
    const { user, system } = process.cpuUsage(before);
    passed.push(performance.now() - start);
    used.push((user + system) / 1000);
  }
  return [used, passed].map((times) => median(times).toFixed(1)).join(' | ');
}

function measure(folder: string): void {
  const start = performance.now();
  const { concepts, compositions, close } = openLibrary(folder);
  console.log(`| library opened | | ${(performance.now() - start).toFixed(1)} |`);
  const listConcepts = (query: StudioInput<'listConcepts'>) => () =>
    concepts.list(studioApi.listConcepts.input.parse(query));
  const listPictures = (query: StudioInput<'listCompositions'>) => () =>
    compositions.list(studioApi.listCompositions.input.parse(query));
  const all = listConcepts({ limit: 500 })().concepts;
  const recent = listPictures({ limit: 500 })().compositions;
  const pictures = recent.filter(({ settings }) => settings.prompt.endsWith('0')); // with a layout
  let turn = 0;
  const works: Record<string, () => unknown> = {
    'concepts, newest 100': listConcepts({}),
    'concepts by name, 100 from 9,000': listConcepts({ order: 'name', offset: 9000 }),
    'concepts by drift': listConcepts({ order: 'drift' }),
    'concepts of a tag and a method': listConcepts({
      tags: ['red'],
      methods: ['custom-diffusion'],
    }),
    'concepts, search "sleepy dra"': listConcepts({ search: 'sleepy dra' }),
    'concepts, search "a" (all of them)': listConcepts({ search: 'a', order: 'name' }),
    'concept opened': () => concepts.detail(all[turn++ % all.length].id),
    tags: () => concepts.tags(),
    'pictures, newest 100': listPictures({}),
    'pictures, 100 from 90,000': listPictures({ offset: 90_000 }),
    'pictures rated 5, of a model': listPictures({ minimumRating: 5, modelId: models[1] }),
    'pictures of a concept': () => listPictures({ conceptId: all[turn++ % all.length].id })(),
    'pictures, search "golden tea"': listPictures({ search: 'golden tea' }),
    'pictures, search "number 77"': listPictures({ search: 'number 77' }),
    'pictures, search "a" (all of them)': listPictures({ search: 'a' }),
    'pictures, search "p", rated 3': listPictures({ search: 'p', minimumRating: 3 }),
    'picture with heat maps opened': () => compositions.get(pictures[turn++ % pictures.length].id),
  };
  for (const [name, work] of Object.entries(works)) console.log(`| ${name} | ${time(work)} |`);
  close();
}

const given = process.argv[2];
const folder = given ?? mkdtempSync(join(tmpdir(), 'tessera-bench-'));
try {
  fill(folder);
  console.log('| work | processor, ms | clock, ms |\n|---|---|---|');
  measure(folder);
} finally {
  if (!given) rmSync(folder, { recursive: true });
}
