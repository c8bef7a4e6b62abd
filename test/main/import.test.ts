import { expect, test } from 'vitest';
import { readConcept } from '../../src-main/engine/concepts/conceptFile.ts';
import { openSafetensors, readTensor } from '../../src-main/engine/files/safetensors.ts';
import { writeSafetensors } from '../../src-main/engine/files/writeSafetensors.ts';
import { float32Data } from '../../src-main/engine/tensor/tensorData.ts';
import { committedGolden, runCli } from '../support/runCli.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const { path, files } = temporaryFolder();
const model = ['--model', committedGolden('tiny-sd1'), '--threads', '1'];
const golden = (name: string) => `${committedGolden('concepts')}/${name}`;
const expected = openSafetensors(golden('expected.safetensors'));

const importing = (file: string, out: string, ...more: string[]) =>
  runCli(['import', file, ...model, '--class', 'cat', '--out', path(out), ...more]);

test.each([
  ['learned_embeds.safetensors', 'vectors', '<cute-cat>', undefined],
  ['learned_embeds-1.safetensors', 'vector0', '<cute-cat>', undefined],
  ['emb_params.safetensors', 'vectors', '<cute-cat>', 500],
  ['emb_params-bf16.safetensors', 'vectors_bf16', '<emb_params-bf16>', undefined],
  ['a1111-fp16.pt', 'vectors_fp16', '<cute-cat>', 500],
  ['a1111-legacy.pt', 'vectors', '<cute-cat>', 500],
  ['compvis-embeddings.pt', 'vectors', '<compvis-embeddings>', undefined],
  ['modifier-token.bin', 'vector0', '<cute-cat>', undefined],
])(
  '%s becomes a concept with the vectors of the reference',
  async (name, vectors, token, steps) => {
    const { code, stdout } = await importing(golden(name), `${name}.safetensors`);
    expect(stdout).toMatch(
      /: <[\w-]+>, \d vectors?\n {2}cosine to the class word -?[\d.]+, [\d.]+ times as long as a mean/,
    );
    expect(code).toBe(0);
    const { description, rows, replaced, lora } = readConcept(path(`${name}.safetensors`));
    expect(rows).toEqual(readTensor(expected, vectors).data);
    expect(description).toMatchObject({ token, classWord: 'cat', width: 32, family: 'sd1' });
    expect(description).toMatchObject({
      method: 'textual-inversion',
      variant: 'foreign',
      anchors: [],
    });
    // what nobody knows is not made up
    expect(description.steps).toBe(steps);
    for (const field of ['seed', 'loss', 'engineVersion', 'training'] as const) {
      expect(description[field]).toBeUndefined();
    }
    expect(replaced.size + lora.size).toBe(0);
  },
  180_000,
);

test('it is composed by the token that it was given', async () => {
  const token = ['--token', '<own>'];
  expect(
    await importing(golden('emb_params.safetensors'), 'own.safetensors', ...token),
  ).toMatchObject({
    code: 0,
  });
  const prompt = ['--prompt', 'a <own> cat', '--steps', '2', '--out', path('own.png')];
  const concept = ['--concept', path('own.safetensors')];
  expect((await runCli(['compose', ...model, ...concept, ...prompt])).stderr).not.toContain(
    'tessera:',
  );
  expect(files()).toContain('own.png');
}, 180_000);

test('Custom Diffusion and a LoRA are composed together, each by its token', async () => {
  const word = ['--embedding', golden('modifier-token.bin')];
  const weights = golden('pytorch_custom_diffusion_weights.bin');
  expect((await importing(weights, 'custom.safetensors', ...word)).stderr).toBe('');
  const lora = golden('lora-kohya-full-fp16.safetensors');
  expect((await importing(lora, 'lora.safetensors', '--token', '<lora>')).stderr).toBe('');
  const concepts = ['custom', 'lora'].flatMap((name) => ['--concept', path(`${name}.safetensors`)]);
  const prompt = ['--prompt', 'a <cute-cat> cat and a <lora> cat', '--steps', '2'];
  const made = await runCli([
    'compose',
    ...model,
    ...concepts,
    ...prompt,
    '--out',
    path('two.png'),
  ]);
  expect(made.stderr).not.toContain('tessera:');
  expect(files()).toContain('two.png');
}, 180_000);

test('it is exported as it came', async () => {
  const out = path('exported/here');
  const { code, stdout } = await runCli(['export', path('own.safetensors'), '--out', out]);
  expect(code).toBe(0);
  expect(stdout).toBe(`${out}/learned_embeds.safetensors\n`);
  const file = openSafetensors(`${out}/learned_embeds.safetensors`);
  expect(readTensor(file, '<own>').data).toEqual(readTensor(expected, 'vectors').data);
}, 180_000);

test('compose says what an embedding is, and how it can be used', async () => {
  const prompt = ['--prompt', 'a cat', '--out', path('never.png')];
  for (const [name, what] of [
    [
      'learned_embeds.safetensors',
      /but another program's textual inversion, 3 vectors of width 32: import it .*"tessera import"/,
    ],
    [
      'lora-kohya-full-fp16.safetensors',
      /but a Stable Diffusion 1\.x LoRA: import it .*"tessera import"/,
    ],
    ['a1111.pt', /is a pickle in a zip archive.*: convert the file to \.safetensors/],
    ['a1111-legacy.pt', /is a pickle, protocol 2.* "tessera import" reads the numbers alone/],
  ] as const) {
    const args = ['compose', ...model, '--concept', golden(name), ...prompt];
    const { code, stderr } = await runCli(args);
    expect(stderr).toMatch(what);
    expect(stderr).toContain(name);
    expect(code).toBe(2);
  }
}, 180_000);

test.each([
  ['a pickle that asks for a function', golden('malicious.bin'), [], /asks for ".*print"/],
  ['a pickle of wider words', golden('wrong-dim.bin'), [], /vectors of width 40, .* have width 32/],
  ['a word of the model', golden('learned_embeds.safetensors'), ['--token', 'cat'], /"cat" exists/],
  ['another width', 'wide', [], /vectors of width 40, the words of .* have width 32: choose/],
  ['a LoRA of another model', 'lora', [], /"unet\.mid\..*" changes a layer that is not there in/],
  ['SDXL', 'sdxl', [], /is an embedding for Stable Diffusion XL.*: expected one for/],
  ['broken numbers', 'broken', [], /"<broken>" \[1, 32\] has values that are no numbers/],
  ['a word of too many vectors', 'many', [], /has 80 vectors, but a prompt holds 75: expected/],
  ['three dimensions', 'flat', [], /but a file of unknown content: expected/],
  ['what a word is hidden in', 'hidden', [], /holds "more" beside "emb_params"/],
  ['more than its vectors', 'both', [], /holds "emp_params_out" beside "emp_params"/],
])(
  '%s is refused by name',
  async (_, file, options, message) => {
    writeOthers();
    const given = file.startsWith('/') ? file : path(`${file}.safetensors`);
    const { code, stderr } = await importing(given, 'refused.safetensors', ...options);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(files()).not.toContain('refused.safetensors');
  },
  180_000,
);

test('a concept of Tessera needs no import', async () => {
  const { stderr } = await importing(path('own.safetensors'), 'again.safetensors');
  expect(stderr).toMatch(/own\.safetensors is a concept of Tessera already/);
}, 180_000);

function writeOthers(): void {
  const write = (name: string, shapes: Record<string, number[]>, value = 1) =>
    writeSafetensors(
      path(`${name}.safetensors`),
      new Map(
        Object.entries(shapes).map(([key, shape]) => [
          key,
          float32Data(shape, new Float32Array(shape.reduce((a, b) => a * b)).fill(value)),
        ]),
      ),
      {},
    );
  write('wide', { '<wide>': [2, 40] });
  write('lora', { 'unet.mid.lora.down.weight': [2, 32], 'unet.mid.lora.up.weight': [32, 2] });
  write('sdxl', { clip_l: [1, 768], clip_g: [1, 1280] });
  write('broken', { '<broken>': [1, 32] }, Number.NaN);
  write('many', { emb_params: [80, 32] });
  write('flat', { emb_params: [2, 2, 32] });
  write('hidden', { more: [1, 32], emb_params: [1, 32] });
  write('both', { emp_params: [1, 32], emp_params_out: [1, 32] });
}
