/**
 * Times what Tessera does at a published model's size against PyTorch, round by round in turn, and reports the peak
 * memory of both. See README.md beside this file, and docs/performance.md, into which --write puts the table.
 *
 *   node bench/publishedSize.ts <python with torch> <checkpoint folder> [--pixels 512] [--rounds 2] [--threads 2]
 *     [--only unet,picture] [--write]
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { median } from '../src-main/engine/numbers.ts';
import { ort } from '../src-main/engine/runtime/onnxRuntime.ts';
import { openModel } from './openModel.ts';
import { Peer, type Timing, timed } from './peer.ts';
import {
  type CreateWork,
  customDiffusion,
  decoding,
  guidedPrediction,
  lora,
  picture,
  requireSameWork,
  spatialGuidance,
  textEncoder,
  textualInversion,
  timeOurs,
  unetForward,
} from './works.ts';

interface Part {
  /** As --only names it. */
  readonly name: string;
  readonly title: string;
  readonly create: CreateWork;
  readonly batch?: number;
  /** The peer computes blocks once more in the backward pass. */
  readonly checkpointing?: boolean;
  /** Ratios that are aimed at. */
  readonly aims?: { readonly time: number; readonly memory: number };
}

/** Each ends with what the process needs for it released. */
const parts: readonly Part[] = [
  { name: 'text-encoder', title: 'text encoder, two prompts', create: textEncoder, batch: 2 },
  { name: 'decoding', title: 'picture decoded', create: decoding },
  {
    ...{ name: 'unet', title: 'UNet forward', create: unetForward },
    aims: { time: 0.9, memory: 0.8 },
  },
  { name: 'both', title: 'one latent for both prompts', create: guidedPrediction },
  {
    ...{ name: 'guidance', title: 'spatial-guidance iteration (peer: the whole UNet)' },
    create: spatialGuidance,
    aims: { time: 0.5, memory: 0.5 },
  },
  {
    ...{ name: 'inversion', title: 'textual-inversion step', create: textualInversion },
    aims: { time: 0.8, memory: 0.5 },
  },
  {
    ...{ name: 'inversion-checkpointed', title: 'the same, the peer with gradient checkpointing' },
    ...{ create: textualInversion, checkpointing: true },
    aims: { time: 0.8, memory: 0.9 },
  },
  { name: 'custom', title: 'Custom Diffusion step', create: customDiffusion },
  { name: 'lora', title: 'LoRA step, rank 4', create: lora },
  {
    ...{ name: 'picture', title: 'picture of 25 steps with guidance', create: picture },
    aims: { time: 0.9, memory: 0.8 },
  },
];
const opening = {
  ...{ name: 'opening', title: 'from the start of a process to the first training step' },
  aims: { time: 1, memory: undefined },
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    pixels: { type: 'string', default: '512' },
    rounds: { type: 'string', default: '2' },
    threads: { type: 'string', default: '2' },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const [python, folder] = positionals;
if (!python || !folder) {
  throw new Error('usage: node bench/publishedSize.ts <python with torch> <checkpoint folder>');
}
const side = Number(values.pixels) / 8;
const rounds = Number(values.rounds);
const threads = Number(values.threads);
const chosen = values.only?.split(',');
const isChosen = ({ name }: { name: string }) => chosen?.includes(name) ?? true;
const model = openModel(folder, threads);

/** Rounds in turn: ours, then the peer's in a process of its own. The first of each only warms up. */
async function compare({ title, create, batch = 1, checkpointing, aims }: Part): Promise<string> {
  const size = { batch, height: side, width: side, steps: 1 };
  const work = await create(model, size);
  const peer = new Peer(python);
  await peer.load(folder, threads);
  const ours: Timing[] = [];
  const theirs: Timing[] = [];
  for (let round = 0; round <= rounds; round++) {
    ours.push(await timeOurs(work, 1));
    theirs.push(await peer.time(work.name, { ...size, checkpointing }));
    requireSameWork(title, ours[round].check, theirs[round].check);
  }
  await work.release();
  await peer.close();
  return row(title, ours.slice(1), theirs.slice(1), work.creation, aims);
}

/** Fresh processes in turn, timed from outside; the files are in the system's cache by then. */
async function compareOpening(): Promise<string> {
  const size = { batch: 1, height: side, width: side, steps: 1 };
  const fresh: { ours: Timing[]; theirs: Timing[] } = { ours: [], theirs: [] };
  const script = resolve(import.meta.dirname, 'firstStep.ts');
  for (let round = 0; round <= rounds; round++) {
    fresh.ours.push(
      await timedFromOutside(async () => {
        const step = [script, folder, String(side), String(threads)];
        const { stdout } = await promisify(execFile)(process.execPath, step);
        return timed.parse(JSON.parse(stdout));
      }),
    );
    fresh.theirs.push(
      await timedFromOutside(async () => {
        const peer = new Peer(python);
        await peer.load(folder, threads);
        const timing = await peer.time('textual-inversion', size);
        await peer.close();
        return timing;
      }),
    );
    requireSameWork(opening.title, fresh.ours[round].check, fresh.theirs[round].check);
  }
  return row(opening.title, fresh.ours.slice(1), fresh.theirs.slice(1), undefined, opening.aims);
}

async function timedFromOutside(run: () => Promise<Timing>): Promise<Timing> {
  const start = performance.now();
  const timing = await run();
  return { ...timing, milliseconds: [performance.now() - start] };
}

function row(
  title: string,
  ours: readonly Timing[],
  theirs: readonly Timing[],
  creation: number | undefined,
  aims: { time?: number; memory?: number } = {},
): string {
  const seconds = (timing: Timing) => median(timing.milliseconds) / 1000;
  const peak = (timings: readonly Timing[]) =>
    Math.max(...timings.map(({ peakBytes }) => peakBytes)) / 1e9;
  const ratios = ours.map((timing, index) => seconds(timing) / seconds(theirs[index]));
  const cells = [
    inSeconds(median(ours.map(seconds))),
    inSeconds(median(theirs.map(seconds))),
    `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`,
    aims.time ?? '',
    `${peak(ours).toFixed(1)} GB`,
    `${peak(theirs).toFixed(1)} GB`,
    (peak(ours) / peak(theirs)).toFixed(2),
    aims.memory ?? '',
    creation === undefined ? '' : inSeconds(creation),
  ];
  return `| ${title} | ${cells.join(' | ')} |`;
}

function inSeconds(value: number): string {
  return `${Number(value.toPrecision(3))} s`;
}

/** Puts the table between the two comments of docs/performance.md that name it. */
function write(table: string): void {
  const page = resolve(import.meta.dirname, '../docs/performance.md');
  const [before, rest] = readFileSync(page, 'utf8').split('<!-- measured -->\n');
  const after = rest.slice(rest.indexOf('<!-- end of measured -->'));
  writeFileSync(page, `${before}<!-- measured -->\n${table}\n${after}`);
}

const probe = new Peer(python);
const { torch } = await probe.load(folder, threads);
await probe.close();
const lines: string[] = [];
function print(line: string): void {
  console.log(line);
  lines.push(line);
}
print(
  `${cpus()[0].model}, ${threads} threads, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}, ` +
    `onnxruntime-node ${ort.env.versions.node}, torch ${torch}, ${values.pixels} x ${values.pixels} pixels, rounds: ${rounds}\n`,
);
print(
  '| work | Tessera | PyTorch | ratio (lowest to highest) | aim | peak, ours | peak, PyTorch | ratio | aim | session made in |',
);
print(`|${'---|'.repeat(10)}`);
for (const part of parts.filter(isChosen)) print(await compare(part));
if (isChosen(opening)) print(await compareOpening());
if (values.write) write(lines.join('\n'));
