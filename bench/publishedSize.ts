/**
 * Times the UNet, a textual-inversion step and an iteration of spatial guidance at a published model's size against
 * PyTorch, round by round in turn, and reports the peak memory of both. See README.md beside this file.
 *
 *   node bench/publishedSize.ts <python with torch> <checkpoint folder> [pixels] [rounds]
 */
import { cpus } from 'node:os';
import { openCheckpoint } from '../src-main/engine/checkpoint/checkpoint.ts';
import { loadModel } from '../src-main/engine/loadModel.ts';
import { createSession } from '../src-main/engine/runtime/session.ts';
import { Peer, type Timing, type WorkSize } from './peer.ts';
import {
  type CreateWork,
  median,
  requireSameWork,
  spatialGuidance,
  textualInversion,
  timeOurs,
  unetForward,
} from './works.ts';

const threads = 2;

const [python, folder, pixels = '512', rounds = '3'] = process.argv.slice(2);
if (!python || !folder) {
  const usage = '<python with torch> <checkpoint folder> [pixels] [rounds]';
  throw new Error(`usage: node bench/publishedSize.ts ${usage}`);
}
const side = Number(pixels) / 8;
const size: WorkSize = { batch: 1, height: side, width: side, steps: 1 };
const model = loadModel(openCheckpoint(folder), (graph) =>
  createSession(graph, { executionProviders: ['cpu'], threads }),
);

/** Rounds in turn: ours, then the peer's in each of its ways. The first of each only warms up. */
async function compare(create: CreateWork, ways: readonly boolean[], peer: Peer): Promise<void> {
  const work = await create(model, size);
  const ours: Timing[] = [];
  const theirs = new Map(ways.map((way) => [way, [] as Timing[]]));
  for (let round = 0; round <= Number(rounds); round++) {
    ours.push(await timeOurs(work, size.steps));
    for (const [checkpointing, timings] of theirs) {
      timings.push(await peer.time(work.name, { ...size, checkpointing }));
      requireSameWork(work.name, ours[round].check, timings[round].check);
    }
  }
  await work.release();
  for (const [checkpointing, timings] of theirs) {
    const name = checkpointing ? `${work.name}, peer checkpointed` : work.name;
    console.log(row(name, ours.slice(1), timings.slice(1)));
  }
}

function row(name: string, ours: readonly Timing[], theirs: readonly Timing[]): string {
  const seconds = (timing: Timing) => median(timing.milliseconds) / 1000;
  const peak = (timings: readonly Timing[]) =>
    Math.max(...timings.map(({ peakBytes }) => peakBytes)) / 1e9;
  const ratios = ours.map((timing, index) => seconds(timing) / seconds(theirs[index]));
  const cells = [
    `${median(ours.map(seconds)).toFixed(2)} s`,
    `${median(theirs.map(seconds)).toFixed(2)} s`,
    `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`,
    `${peak(ours).toFixed(1)} GB`,
    `${peak(theirs).toFixed(1)} GB`,
    (peak(ours) / peak(theirs)).toFixed(2),
  ];
  return `| ${name} | ${cells.join(' | ')} |`;
}

const peer = new Peer(python);
const { torch } = await peer.load(folder, threads);
console.log(
  `${cpus()[0].model}, ${threads} threads, torch ${torch}, ${pixels} px, ${rounds} rounds\n\n` +
    '| work | Tessera | PyTorch | ratio | peak, ours | peak, PyTorch | ratio |\n|---|---|---|---|---|---|---|',
);
await compare(unetForward, [false], peer);
await compare(spatialGuidance, [false], peer);
await compare(textualInversion, [false, true], peer);
await peer.close();
