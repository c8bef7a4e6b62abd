import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { Library } from '../../../src-main/library/library.ts';
import { seededRandom, testSeed } from '../../support/seededRandom.ts';
import { conceptQuery, testLibraries } from '../../support/testLibrary.ts';

const { open, newFolder } = testLibraries();
const writer = join('test', 'support', 'writeLibrary.ts');
const kills = 8;

type Fact = Partial<Record<'job' | 'concept' | 'version' | 'composition', string>> & {
  readonly steps?: number;
};

/** Lets the writer work for a while and kills it. @returns what it said must be there */
async function writeAndKill(folder: string, seed: number, after: number): Promise<Fact[]> {
  const child = spawn(process.execPath, [writer, folder, String(seed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const facts: Fact[] = [];
  const lines = createInterface(child.stdout);
  lines.on('line', (line) => facts.push(JSON.parse(line)));
  await once(lines, 'line');
  setTimeout(() => child.kill('SIGKILL'), after);
  await once(child, 'close');
  return facts;
}

function checkFact(library: Library, fact: Fact, job: string): void {
  if (fact.job) expect(library.jobs.get(fact.job).state).toBe('queued');
  if (fact.concept) expect(library.concepts.detail(fact.concept).versionList).toHaveLength(1);
  if (fact.version) {
    const { file, photos, previews } = library.concepts.version(fact.version).version;
    const hashes = [file, ...photos.map(({ blob }) => blob), ...previews.map(({ plain }) => plain)];
    for (const hash of hashes) expect(library.blobs.bytes(hash)).toBeGreaterThan(0);
  }
  if (fact.composition) {
    const { picture, attention } = library.compositions.get(fact.composition);
    expect(library.blobs.has(picture) && attention.length > 0).toBe(true);
  }
  if (fact.steps) {
    expect(library.jobs.runs(job)[0].history.step.length).toBeGreaterThanOrEqual(fact.steps);
  }
}

test('a library that is killed at any moment is whole, with all that was confirmed', {
  timeout: 240_000,
}, async () => {
  const random = seededRandom(testSeed);
  const folder = newFolder();
  let concepts = 0;
  for (let kill = 0; kill < kills; kill++) {
    const facts = await writeAndKill(folder, kill + 1, 200 + random() * 1500);
    const library = open(folder);
    for (const fact of facts) checkFact(library, fact, facts[0].job!);
    const total = library.concepts.list(conceptQuery()).total;
    concepts += facts.filter((fact) => fact.concept).length;
    expect(total).toBeGreaterThanOrEqual(concepts);
    concepts = total;
    expect(readdirSync(join(folder, 'incoming'))).toEqual([]);
    await library.collectGarbage({ minimumAge: 0 });
    for (const fact of facts) checkFact(library, fact, facts[0].job!);
    library.close();
  }
  expect(concepts).toBeGreaterThan(0);
  const database = new Database(join(folder, 'library.sqlite'), { readonly: true });
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(database.pragma('foreign_key_check')).toEqual([]);
  database.close();
});
