import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { committedGolden, jsonLines, runCli } from '../support/runCli.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { writeTestConcept } from '../support/writeTestConcept.ts';

const { path } = temporaryFolder();
const model = committedGolden('tiny-sd1');
const golden = committedGolden('tiny-sd1-golden');
const oneThread = ['--threads', '1'];

test('verify passes, prints a line per case and ends with 0', async () => {
  const { code, stdout } = await runCli(['verify', model, golden, '--only', 'text', ...oneThread]);
  const lines = stdout.trim().split('\n');
  expect(lines.at(-1)).toMatch(/^\d+ passed, 0 failed, 0 unsupported in /);
  expect(lines[1]).toMatch(/^passed +text\/\S+ +[\de.+-]+ of [\de.+-]+/);
  expect(code).toBe(0);
}, 180_000);

test('verify ends with 1 where a case fails, and --json says which', async () => {
  mkdirSync(path('damaged'));
  for (const name of ['index.json', 'text.safetensors'])
    cpSync(`${golden}/${name}`, path(`damaged/${name}`));
  const bytes = readFileSync(path('damaged/text.safetensors'));
  bytes[bytes.length - 1] ^= 0x10;
  writeFileSync(path('damaged/text.safetensors'), bytes);
  const { code, stdout } = await runCli([
    'verify',
    model,
    path('damaged'),
    '--only',
    'text',
    '--json',
    ...oneThread,
  ]);
  const lines = jsonLines(stdout);
  expect(lines.filter(({ status }) => status === 'failed')).toHaveLength(1);
  expect(lines.at(-1)).toMatchObject({ event: 'result', failed: 1 });
  expect(code).toBe(1);
}, 180_000);

test('verify refuses an unknown group and a folder that is not there', async () => {
  const group = await runCli(['verify', model, golden, '--only', 'magic']);
  expect(group).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/'magic': expected one of text/),
  });
  const folder = await runCli(['verify', model, path('nowhere')]);
  expect(folder).toMatchObject({ code: 2, stderr: expect.stringContaining('nowhere') });
}, 180_000);

test('inspect tells a checkpoint from a concept', async () => {
  writeTestConcept(path('cat.safetensors'));
  const concept = await runCli(['inspect', path('cat.safetensors'), '--tensors']);
  expect(concept.stdout).toMatch(/concept/);
  expect(concept.stdout).toContain('<my-cat>  F32 [2, 32]');
  const checkpoint = await runCli(['inspect', model, '--json']);
  expect(jsonLines(checkpoint.stdout)).toMatchObject([
    { event: 'result', family: 'sd1', kind: 'checkpoint folder' },
  ]);
}, 180_000);

test('devices tries every device out', async () => {
  const { code, stdout } = await runCli(['devices', '--json']);
  const [result] = jsonLines(stdout);
  const cpu = { name: 'cpu', bundled: true, works: true, gigaflops: expect.any(Number) };
  expect(result.devices).toContainEqual(cpu);
  expect(result).toMatchObject({
    event: 'result',
    runtime: expect.stringMatching(/^ONNX Runtime/),
  });
  expect(code).toBe(0);
}, 180_000);

test('harvest writes a distribution of layouts that compose takes', async () => {
  const scene = ['--prompt', 'a cat and a backpack', '--steps', '2'];
  const prompt = ['--model', model, ...scene, ...oneThread];
  const harvested = await runCli([
    'harvest',
    ...prompt,
    '--samples',
    '2',
    '--out',
    path('prior.json'),
  ]);
  expect(harvested.stdout).toContain('prior.json: cat, backpack in 2 pictures');
  expect(JSON.parse(readFileSync(path('prior.json'), 'utf8')).samples).toHaveLength(2);
  const layout = ['--layout', path('prior.json'), '--shuffle-layout'];
  const { code, stdout } = await runCli([
    'compose',
    ...prompt,
    ...layout,
    '--out',
    path('picture.png'),
  ]);
  expect(stdout).toContain('attention in its box: cat');
  expect(existsSync(path('picture.png'))).toBe(true);
  expect(code).toBe(0);
}, 180_000);

test('recover learns from harvested layouts to place the things of a new prompt', async () => {
  const harvest = async (name: string, prompt: string) => {
    const args = [
      'harvest',
      '--model',
      model,
      '--prompt',
      prompt,
      '--steps',
      '2',
      '--samples',
      '2',
      ...oneThread,
    ];
    expect((await runCli([...args, '--out', path(name)])).code).toBe(0);
  };
  await harvest('cats.json', 'a cat and a backpack');
  await harvest('dogs.json', 'a dog and a table');
  const priors = ['--prior', path('cats.json'), '--prior', path('dogs.json')];
  const options = ['--steps', '20', '--json', ...oneThread];
  const recover = ['recover', '--model', model, ...priors, ...options];
  const learned = await runCli([...recover, '--out', path('places.safetensors')]);
  expect(jsonLines(learned.stdout).at(-1)).toMatchObject({ objects: 2, examples: 4 });
  const compose = async (objects: string, ...others: string[]) => {
    const places = ['--layout', path('places.safetensors'), '--objects', objects];
    const prompt = ['--prompt', 'a bear beside a table', '--steps', '2', ...oneThread];
    const out = ['--out', path('placed.png')];
    return runCli(['compose', '--model', model, ...prompt, ...places, ...out, ...others]);
  };
  const placed = await compose('bear,table');
  expect(placed.stdout).toMatch(/attention in its box: bear \d+ %, table \d+ %/);
  expect((await compose('bear,table', '--shuffle-layout')).code).toBe(0);
  const refused = await compose('bear');
  expect(refused.stderr).toContain('places 2 things, the prompt has 1 (bear)');
  expect(refused.code).toBe(2);
}, 180_000);

test.each(['train', 'compose', 'harvest', 'recover', 'verify', 'inspect', 'devices'])(
  'help teaches %s',
  async (name) => {
    const { code, stdout } = await runCli([name, '--help']);
    expect(stdout).toContain(`Usage: tessera ${name}`);
    expect(stdout.length).toBeGreaterThan(300);
    expect(code).toBe(0);
  },
  180_000,
);

test('a wrong command line ends with 2, as JSON where that is asked', async () => {
  const { code, stdout } = await runCli(['compose', '--json']);
  expect(jsonLines(stdout)).toMatchObject([
    {
      event: 'error',
      kind: 'input',
      message: expect.stringContaining("'--model <path>' not specified"),
    },
  ]);
  expect(code).toBe(2);
  expect((await runCli(['paint'])).stderr).toContain("unknown command 'paint'");
}, 180_000);

test('a stack is shown only on demand', async () => {
  const args = ['inspect', path('absent')];
  expect((await runCli(args, { TESSERA_DEBUG: '' })).stderr).not.toMatch(/^\s+at /m);
  expect((await runCli(args, { TESSERA_DEBUG: '1' })).stderr).toMatch(/^\s+at /m);
}, 180_000);
