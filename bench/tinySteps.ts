/**
 * Times a textual-inversion step and an iteration of spatial guidance on a small checkpoint against PyTorch, round by
 * round in turn. See README.md beside this file.
 *
 *   node bench/tinySteps.ts <python with torch> [checkpoint folder]
 */
import { cpus } from 'node:os';
import { median } from '../src-main/engine/numbers.ts';
import { openModel } from './openModel.ts';
import { Peer, type WorkSize } from './peer.ts';
import {
  requireSameWork,
  spatialGuidance,
  textualInversion,
  timeOurs,
  type Work,
} from './works.ts';

const threads = 2;
const rounds = 5;
const size: WorkSize = { batch: 1, height: 16, width: 16, steps: 20 };

async function compare(work: Work, peer: Peer): Promise<void> {
  await timeOurs(work, size.steps);
  await peer.time(work.name, size);
  const medians: { ours: number; theirs: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const ours = await timeOurs(work, size.steps);
    const theirs = await peer.time(work.name, size);
    requireSameWork(work.name, ours.check, theirs.check);
    medians.push({ ours: median(ours.milliseconds), theirs: median(theirs.milliseconds) });
  }
  const ratios = medians.map(({ ours, theirs }) => ours / theirs);
  console.log(
    `${work.name.padEnd(18)} ${median(medians.map(({ ours }) => ours)).toFixed(1)} ms, ` +
      `PyTorch ${median(medians.map(({ theirs }) => theirs)).toFixed(1)} ms, ` +
      `ratio ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})` +
      (work.creation === undefined ? '' : `, session in ${work.creation.toFixed(2)} s`),
  );
}

const [python, folder = 'test/golden/tiny-sd1'] = process.argv.slice(2);
if (!python)
  throw new Error('usage: node bench/tinySteps.ts <python with torch> [checkpoint folder]');
const peer = new Peer(python);
const { torch } = await peer.load(folder, threads);
console.log(
  `${cpus()[0].model}, ${threads} threads, torch ${torch}, ${rounds} rounds of ${size.steps}`,
);
const model = openModel(folder, threads);
for (const create of [textualInversion, spatialGuidance])
  await compare(await create(model, size), peer);
await peer.close();
