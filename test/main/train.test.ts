import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { readConcept } from '../../src-main/engine/concepts/conceptFile.ts';
import { openSafetensors, readTensor } from '../../src-main/engine/files/safetensors.ts';
import { drawMasks, drawPhotos } from '../support/drawPhotos.ts';
import { committedGolden, jsonLines, runCli, startCli } from '../support/runCli.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const { path, files } = temporaryFolder();
const model = committedGolden('tiny-sd1');
const base = ['--model', model, '--threads', '1'];
const train = ['train', ...base, '--class', 'cat', '--token', '<my-cat>', '--size', '64'];
const photos = ['--photos', path('photos')];

beforeAll(async () => {
  await drawPhotos(path('photos'), 3);
  await drawMasks(path('masks'), 3);
});

test('a folder of photos becomes a word that pictures can use', async () => {
  const args = [
    ...train,
    ...photos,
    '--vectors',
    '2',
    '--steps',
    '3',
    '--out',
    path('cat.safetensors'),
  ];
  const trained = await runCli(args);
  expect(trained.stderr).toMatch(/training: 3 of 3 · loss .* · length [\d.]+ · cosine [\d.-]+/);
  expect(trained.stdout).toMatch(/cat\.safetensors \(semantic\): 3 steps in .*loss \d/);
  expect(trained.stdout).toMatch(/anchors: [\d.]+ cat/);
  expect(trained.code).toBe(0);
  const { description, rows } = readConcept(path('cat.safetensors'));
  expect(description).toMatchObject({ token: '<my-cat>', vectors: 2, width: 32, steps: 3 });
  expect(rows.every(Number.isFinite)).toBe(true);
  const picture = ['--prompt', 'a <my-cat> cat', '--steps', '4', '--out', path('picture.png')];
  const composed = await runCli([
    'compose',
    ...base,
    '--concept',
    path('cat.safetensors'),
    ...picture,
  ]);
  expect(composed.stderr).not.toContain('tessera:');
  expect(composed.code).toBe(0);
  expect(await sharp(path('picture.png')).metadata()).toMatchObject({ width: 128, height: 128 });
}, 180_000);

test('--official takes the one anchor of the released code', async () => {
  const sizes = ['--steps', '1', '--batch', '1', '--accumulate', '1', '--vectors', '1'];
  const args = [...train, ...photos, '--official', ...sizes, '--out', path('official.safetensors')];
  expect((await runCli(args)).code).toBe(0);
  const { anchors } = readConcept(path('official.safetensors')).description;
  expect(anchors).toEqual([{ word: 'cat', share: 1 }]);
}, 180_000);

test("--directional keeps the vocabulary's length and goes as far as its learning rate", async () => {
  const cosineAfter = async (rate: string) => {
    const out = path(`directional-${rate}.safetensors`);
    const options = ['--directional', '--steps', '3', '--learning-rate', rate, '--out', out];
    expect((await runCli([...train, ...photos, ...options])).code).toBe(0);
    const { drift } = readConcept(out).description;
    expect(drift?.normRatio).toBeCloseTo(1, 4);
    return drift?.classCosine ?? 0;
  };
  expect(await cosineAfter('0.01')).toBeGreaterThan(0.99);
  expect(await cosineAfter('0.5')).toBeLessThan(0.9);
}, 180_000);

test('the file is one that other programs read: the token alone, its rows, the format', () => {
  const file = openSafetensors(path('cat.safetensors'));
  expect([...file.tensors.keys()]).toEqual(['<my-cat>']);
  expect(readTensor(file, '<my-cat>')).toMatchObject({ dtype: 'float32', shape: [2, 32] });
  expect(file.metadata.get('format')).toBe('pt');
});

test('one command trains both ways and shows the four pictures', async () => {
  const out = ['--out', path('both.safetensors'), '--compare', '--json'];
  const { code, stdout } = await runCli([...train, ...photos, ...out, '--steps', '2']);
  const lines = jsonLines(stdout);
  expect(code).toBe(0);
  expect(lines.at(-1)).toMatchObject({
    event: 'result',
    trained: { variant: 'semantic', steps: 2 },
    plain: { variant: 'plain', concept: path('both.plain.safetensors'), anchors: [] },
    comparison: { picture: path('both.png') },
  });
  const [plain, semantic] = ['both.plain', 'both'].map((name) =>
    readConcept(path(`${name}.safetensors`)),
  );
  expect(plain.rows).not.toEqual(semantic.rows);
  expect((await sharp(path('both.png')).metadata()).width).toBeGreaterThan(700);
  expect(lines.some(({ event, timeLeft }) => event === 'progress' && timeLeft !== undefined)).toBe(
    true,
  );
}, 180_000);

test('a stopped training goes on bit for bit', async () => {
  const args = [...train, ...photos, '--steps', '12', '--seed', '5', '--checkpoint-every', '2'];
  await runCli([...args, '--out', path('straight.safetensors')]);
  const stopped = [...args, '--out', path('stopped.safetensors')];
  expect(await interruptAt(stopped, 'training', 5)).toBe(130);
  expect(existsSync(path('stopped.safetensors'))).toBe(false);
  const resumed = await runCli([...stopped, '--resume', '--json']);
  expect(resumed.code).toBe(0);
  const first = jsonLines(resumed.stdout).find(({ phase }) => phase === 'training');
  expect(Number(first?.step)).toBeGreaterThanOrEqual(4);
  const [straight, other] = ['straight', 'stopped'].map((name) =>
    readFileSync(path(`${name}.safetensors`)),
  );
  expect(other.equals(straight)).toBe(true);
  expect(files().filter((name) => name.startsWith('stopped'))).toEqual(['stopped.safetensors']);
}, 180_000);

/** Presses Ctrl-C once a phase has got so far. */
async function interruptAt(args: string[], phase: string, step: number): Promise<number | null> {
  const child = startCli([...args, '--json']);
  let rest = '';
  let pressed = false;
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    const reached = lines
      .map((line) => JSON.parse(line))
      .some((event) => event.phase === phase && event.step >= step);
    if (reached && !pressed) child.kill('SIGINT');
    pressed ||= reached;
  });
  return new Promise((done) => child.on('exit', done));
}

test.each([
  ['custom-diffusion', ['--prior-images', '1']],
  ['lora-dreambooth', ['--rank', '2', '--masks', path('masks')]],
  ['dreambooth', ['--anchors', 'none']],
])(
  '%s changes the UNet, and pictures show it',
  async (method, options) => {
    const out = path(`${method}.safetensors`);
    const args = [
      ...train,
      ...photos,
      '--method',
      method,
      '--steps',
      '2',
      ...options,
      '--out',
      out,
    ];
    const trained = await runCli(args);
    expect(trained.stderr).not.toContain('tessera:');
    expect(trained.code).toBe(0);
    const { replaced, lora, description } = readConcept(out);
    expect(description.method).toBe(method);
    expect(replaced.size + lora.size).toBeGreaterThan(10);
    const picture = ['--prompt', 'a <my-cat> cat', '--steps', '1', '--out', path(`${method}.png`)];
    expect((await runCli(['compose', ...base, '--concept', out, ...picture])).code).toBe(0);
  },
  180_000,
);

test('a class word of several tokens is explained, and trains', async () => {
  const args = train.map((arg) => (arg === 'cat' ? 'plush elephant' : arg));
  const out = ['--out', path('plush.safetensors')];
  const { code, stderr } = await runCli([...args, ...photos, '--steps', '1', ...out]);
  expect(stderr).toMatch(/class word "plush elephant" is \d+ tokens/);
  expect(code).toBe(0);
}, 180_000);

test('photos that cannot be read are left out where that is asked', async () => {
  await drawPhotos(path('mixed'), 1);
  writeFileSync(path('mixed/broken.jpg'), 'no picture');
  const args = [...train, '--photos', path('mixed'), '--steps', '1'];
  const refused = await runCli([...args, '--out', path('refused.safetensors')]);
  expect(refused.stderr).toMatch(/broken\.jpg: not readable as a photo/);
  expect(refused.stderr).toContain('--skip-unreadable');
  expect(refused.code).toBe(2);
  const skipped = await runCli([...args, '--skip-unreadable', '--out', path('mixed.safetensors')]);
  expect(skipped.stderr).toMatch(/left out: .*broken\.jpg/);
  expect(skipped.code).toBe(0);
}, 180_000);

test('training that diverges stops and keeps the last good checkpoint', async () => {
  const args = [
    ...train,
    ...photos,
    '--steps',
    '20',
    ...['--method', 'dreambooth', '--schedule', 'constant_with_warmup', '--warmup-steps', '10'],
    '--learning-rate',
    '1',
    '--checkpoint-every',
    '1',
  ];
  const { code, stderr } = await runCli([...args, '--out', path('wild.safetensors')]);
  expect(stderr).toMatch(
    /training diverged in step \d+, at the learning rate 1: .*lower learning rate; the checkpoint of step \d+ is kept/,
  );
  expect(code).toBe(2);
  expect(existsSync(path('wild.safetensors'))).toBe(false);
  expect(files().filter((name) => name.startsWith('wild.')).length).toBe(1);
}, 180_000);

test.each<[string, string[], RegExp]>([
  ['no folder', ['--photos', path('nowhere')], /nowhere: not found; expected a folder of photos/],
  ['no photo', ['--photos', path('empty')], /empty: no photos in it/],
  ['no class word', ['--class', ' '], /tessera: --class is " "; expected a word/],
  [
    'a rate that leads nowhere',
    ['--learning-rate', '1e30'],
    /tessera: --learning-rate is 1e\+30; expected a number above 0, at most 1: .* usual/,
  ],
  ['a token that exists', ['--token', 'cat'], /token "cat" exists already/],
  [
    'a token with a blank',
    ['--token', 'my cat'],
    /token "my cat": expected one word without blanks/,
  ],
  ['no vector', ['--vectors', '0'], /vectors is 0; expected a whole number from 1/],
  ['too many vectors', ['--vectors', '76'], /vectors 76: expected a whole number from 1 to 75/],
  ['an anchor that is no word', ['--anchors', ','], /--anchors: words is \[\]; expected a word/],
  ['an unknown method', ['--method', 'magic'], /method is "magic"/],
  [
    'no mask for a photo',
    ['--masks', path('empty')],
    /no mask for photo-1\.jpg; expected photo-1\.png/,
  ],
  ['a size between cells', ['--size', '60'], /size 60x60: expected multiples of 8/],
  [
    'nothing to resume',
    ['--resume', '--out', path('absent.safetensors')],
    /absent\.training\.safetensors: no checkpoint of .*nothing to resume/,
  ],
  [
    'a concept that is no .safetensors',
    ['--out', path('concept.pt')],
    /expected a file name that ends in \.safetensors/,
  ],
  [
    'a comparison that is no picture',
    ['--compare', path('sheet.jpg')],
    /'--compare \[picture\]' argument '.*sheet\.jpg' is invalid\. expected a file name that ends in \.png/,
  ],
  ['a comparison without a name', ['--compare', ''], /expected a file name that ends in \.png/],
  [
    'a comparison in what is no folder',
    ['--compare', path('model.ckpt/sheet.png')],
    /model\.ckpt: this folder cannot be made \(.*model\.ckpt is a file\); choose another/,
  ],
  [
    'a comparison by a layout that is not there',
    ['--compare', '--layout', path('nowhere.json')],
    /nowhere\.json cannot be read as a layout: no such file or folder; name another/,
  ],
  [
    'a comparison by a layout that is none',
    ['--compare', '--layout', path('model.ckpt')],
    /model\.ckpt is not JSON/,
  ],
  [
    'a comparison by the places of other things',
    ['--compare', '--layout', path('places.json')],
    /"dragon" is not in the prompt/,
  ],
  ['a comparison of no prompt', ['--compare', '--prompt', ''], /it is empty; give a value/],
  ['a prompt without a comparison', ['--prompt', 'a cat'], /add --compare, or leave them out/],
  ['a number too large', ['--threads', '1025'], /threads is 1025; expected .*at most 1024/],
  ['a device that does not exist', ['--device', 'gpu'], /"gpu"; expected one of auto, cpu, /],
  ['a comparison without anchors', ['--anchors', 'none', '--compare'], /anchors/],
  ['a checkpoint that is a pickle', ['--model', path('model.ckpt')], /pickle/],
])(
  'refused: %s',
  async (_, options, message) => {
    mkdirSync(path('empty'), { recursive: true });
    const objects = [{ phrase: 'dragon', boxes: [[0, 0, 1, 1]] }];
    writeFileSync(path('places.json'), JSON.stringify({ objects }));
    writeFileSync(path('model.ckpt'), Buffer.from([0x80, 2, 0x7d, 0x2e]));
    const before = files();
    const { code, stderr } = await runCli([
      ...train,
      ...photos,
      ...['--steps', '1', '--out', path('refused.safetensors')],
      ...options,
    ]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(code).toBe(2);
    expect(files()).toEqual(before);
  },
  180_000,
);
