/**
 * Times the first, second and third preview of one prompt on Toybox in one engine, as the studio asks for them. See
 * README.md beside this file.
 *
 *   node bench/previews.ts [rounds] [threads]
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeConcept } from '../src-main/engine/concepts/conceptFile.ts';
import { RandomStream } from '../src-main/engine/diffusion/random.ts';
import { createEngine, type Engine } from '../src-main/engine/host.ts';
import { median } from '../src-main/engine/numbers.ts';
import type { EngineParams } from '../src-main/engine/protocol.ts';
import { readBuiltIns } from '../src-main/jobs/builtIns.ts';
import { parseLayout } from '../src-shared/layout.ts';

type Params = EngineParams<'composePictures'>;

const [rounds, threads] = [Number(process.argv[2] ?? 5), Number(process.argv[3] ?? 1)];
const previews = 3;
const prompt = 'a photo of a <thing> cat and a ball';
const layout = parseLayout({
  objects: [
    { phrase: '<thing> cat', boxes: [[0.04, 0.3, 0.5, 0.95]] },
    { phrase: 'ball', boxes: [[0.54, 0.35, 0.97, 0.93]] },
  ],
});
/** Linux counts a process's time in hundredths of a second. */
const ticksPerSecond = 100;

interface Times {
  readonly clock: number;
  readonly processor: number;
}

/** A concept of three vectors; how long a preview takes is the same for any rows. */
function writeBenchConcept(path: string, width: number): void {
  const rows = RandomStream.create(0, 'bench concept').normal(3 * width);
  writeConcept(
    path,
    {
      ...{ version: 1, token: '<thing>', vectors: 3, classWord: 'cat', width, seed: 0, steps: 1 },
      ...{ method: 'textual-inversion', variant: 'semantic', family: 'sd1', loss: 0, anchors: [] },
      modelName: 'toybox',
    },
    { rows: rows.map((value) => value / 10), replaced: new Map(), lora: new Map() },
  );
}

async function request(concept: string, placed: boolean): Promise<Params> {
  const { model, evaluators, samples } = await readBuiltIns();
  return {
    ...{
      model,
      evaluators,
      photos: samples[0].photos,
      device: 'cpu',
      precision: 'float32',
      threads,
    },
    ...{ prompt, negative: '', sampler: 'dpmpp2m', karras: false, steps: 25, guidance: 5, seed: 1 },
    ...{ official: false, layoutLoss: 'layout', shuffleLayout: false, attentionSteps: 8 },
    ...{ guidedSteps: 10, layoutUpdates: 5, layoutThreshold: 0.2 },
    pictures: [{ name: 'picture', concepts: [concept], spatial: placed }],
    ...(placed && { layout: { kind: 'given', layout } }),
  };
}

/** Seconds of processor that the engine has used: fields 14 and 15 of Linux's /proc/<id>/stat. */
function processorTime(engine: Engine): number {
  if (engine.processId === undefined) return 0;
  const stat = readFileSync(`/proc/${engine.processId}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function memoryOf(engine: Engine): number {
  const status = readFileSync(`/proc/${engine.processId}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}

async function timePreviews(params: Params): Promise<{ times: Times[]; memory: number }> {
  const engine = createEngine();
  const times: Times[] = [];
  let first: Uint8Array | undefined;
  for (let index = 0; index < previews; index++) {
    const [start, used] = [performance.now(), processorTime(engine)];
    const { pictures } = await engine.call('composePictures', params);
    const clock = (performance.now() - start) / 1000;
    times.push({ clock, processor: processorTime(engine) - used });
    first ??= pictures[0].png;
    if (Buffer.compare(first, pictures[0].png) !== 0) throw new Error('the pictures differ');
  }
  const memory = memoryOf(engine);
  await engine.close();
  return { times, memory };
}

const folder = mkdtempSync(join(tmpdir(), 'tessera-bench-'));
const concept = join(folder, 'thing.safetensors');
writeBenchConcept(concept, 128);
console.log(
  `${cpus()[0].model}, ${cpus().length} processors, ${threads} threads, Node ${process.versions.node}`,
);
for (const placed of [false, true]) {
  const runs: Awaited<ReturnType<typeof timePreviews>>[] = [];
  const params = await request(concept, placed);
  for (let round = 0; round < rounds; round++) runs.push(await timePreviews(params));
  for (let index = 0; index < previews; index++) {
    const of = (field: keyof Times) =>
      median(runs.map(({ times }) => times[index][field])).toFixed(2);
    const name = `${placed ? 'with' : 'without'} a layout, preview ${index + 1}`;
    console.log(`${name}: processor ${of('processor')} s, clock ${of('clock')} s`);
  }
  console.log(`memory afterwards: ${median(runs.map(({ memory }) => memory)).toFixed(0)} MB`);
}
rmSync(folder, { recursive: true });
