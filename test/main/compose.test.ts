import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { readTexts } from '../../src-main/pictureFiles/pngInfo.ts';
import { committedGolden, jsonLines, runCli, startCli } from '../support/runCli.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { writeTestConcept } from '../support/writeTestConcept.ts';

const { path, files } = temporaryFolder();
const model = committedGolden('tiny-sd1');
const prompt = 'a photo of a <my-cat> cat and a backpack';
const base = ['compose', '--model', model, '--prompt', prompt, '--steps', '4', '--threads', '1'];
const concept = ['--concept', path('cat.safetensors')];
const layout = ['--layout', path('layout.json')];

beforeAll(() => {
  writeTestConcept(path('cat.safetensors'));
  writeTestConcept(path('cat.plain.safetensors'), { variant: 'plain', seed: 1 });
  const boxes = [[0.05, 0.3, 0.5, 0.95]];
  const objects = [
    { phrase: '<my-cat> cat', boxes },
    { phrase: 'backpack', boxes: [[0.5, 0, 1, 1]] },
  ];
  writeFileSync(path('layout.json'), JSON.stringify({ objects }));
});

test('a picture of a concept, with its settings inside, the same from the same seed', async () => {
  const compose = (name: string, seed: string) =>
    runCli([...base, ...concept, '--seed', seed, '--size', '128x64', '--out', path(name)]);
  const { code, stdout, stderr } = await compose('one.png', '3');
  expect(stderr).toContain('composing: 4 of 4');
  expect(stdout).toContain('one.png: made in');
  expect(code).toBe(0);
  await compose('same.png', '3');
  await compose('other.png', '4');
  const [one, same, other] = ['one', 'same', 'other'].map((name) =>
    readFileSync(path(`${name}.png`)),
  );
  expect(same.equals(one)).toBe(true);
  expect(other.equals(one)).toBe(false);
  expect(await sharp(one).metadata()).toMatchObject({ format: 'png', width: 128, height: 64 });
  expect(readTexts(one).get('parameters')).toMatch(
    /^a photo of a <my-cat> cat and a backpack\nSteps: 4, Sampler: LMS, CFG scale: 7.5, Seed: 3, Size: 128x64, Model: tiny-sd1, Concept: cat.safetensors/,
  );
}, 180_000);

test('the released code has no box loss', async () => {
  const options = ['--official', '--layout-loss', 'box', '--out', path('official.png')];
  const { code, stderr } = await runCli([...base, ...concept, ...layout, ...options]);
  expect(stderr).toContain('the released code knows the layout loss alone');
  expect(code).toBe(2);
  expect(files()).not.toContain('official.png');
}, 180_000);

test('a comparison shows four pictures of one seed; --json says what was measured', async () => {
  const args = [...base, ...concept, ...layout, '--compare', '--json', '--out', path('sheet.png')];
  const { code, stdout, stderr } = await runCli(args);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const lines = jsonLines(stdout);
  const result = lines.at(-1)!;
  expect(result).toMatchObject({ event: 'result', width: 128, height: 128 });
  expect(result.pictures).toMatchObject([
    { name: 'plain', concepts: [{ token: '<my-cat>' }] },
    { name: 'semantic' },
    // a fifth of the steps follows the layout, one at least
    { name: 'spatial', updates: [5, 0, 0, 0] },
    { name: 'both', updates: [5, 0, 0, 0] },
  ]);
  const progress = lines.filter(({ event }) => event === 'progress');
  expect(progress.length).toBe(4 * 5 + 5);
  expect(progress[19]).toMatchObject({ phase: 'picture 4 of 4: both', step: 4, total: 4 });
  expect(progress.at(-1)).toMatchObject({ phase: 'decoding', step: 4, total: 4 });
  await expectFourPictures(path('sheet.png'));
}, 180_000);

/** Four squares on paper: no two of them show the same. */
async function expectFourPictures(sheet: string): Promise<void> {
  const { width, height } = await sharp(sheet).metadata();
  // picture and, in a column, the attention of two objects; a gap; margins
  const cell = 384 + 8 + 188;
  expect(width).toBe(2 * cell + 28 + 2 * 32);
  const lower = height - 400;
  const corners = [
    [100, 200],
    [708, 200],
    [100, lower],
    [708, lower],
  ];
  const parts = await Promise.all(
    corners.map(([left, top]) =>
      sharp(sheet).extract({ left, top, width: 200, height: 200 }).raw().toBuffer(),
    ),
  );
  const distinct = new Set(parts.map((part) => part.toString('base64')));
  expect(distinct.size).toBe(4);
  for (const part of parts)
    expect(
      (await sharp(part, { raw: { width: 200, height: 200, channels: 3 } }).stats()).entropy,
    ).toBeGreaterThan(2);
}

test('an automatic layout is asked from the model and told', async () => {
  const auto = ['--layout', 'auto', '--layout-samples', '1', '--objects', '<my-cat>,backpack'];
  const { code, stderr, stdout } = await runCli([
    ...base,
    ...concept,
    ...auto,
    '--out',
    path('auto.png'),
  ]);
  expect(stderr).toContain('asking the model where it would put "<my-cat>", "backpack"');
  expect(stdout).toContain('picture: attention in its box: <my-cat>');
  expect(code).toBe(0);
}, 180_000);

test('a prompt over 77 tokens is composed with a warning that names the lost text', async () => {
  const long = `${prompt} ${'and a dog '.repeat(30)}`;
  const args = base.map((arg) => (arg === prompt ? long : arg));
  const { code, stderr } = await runCli([
    ...args,
    ...concept,
    '--steps',
    '1',
    '--out',
    path('long.png'),
  ]);
  expect(stderr).toMatch(/warning: the prompt is longer than 77 tokens.*does not see "(and|a|dog)/);
  expect(code).toBe(0);
}, 180_000);

test('Ctrl-C ends at a step boundary with 130 and writes nothing', async () => {
  const child = startCli([...base, '--steps', '999', '--json', '--out', path('never.png')]);
  let stdout = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    const isSecond = stdout.includes('"step":2,');
    stdout += text;
    if (!isSecond && stdout.includes('"step":2,')) child.kill('SIGINT');
  });
  const code = await new Promise((done) => child.on('exit', done));
  expect(code).toBe(130);
  expect(jsonLines(stdout).at(-1)).toMatchObject({ event: 'error', kind: 'cancelled' });
  expect(files()).not.toContain('never.png');
}, 180_000);

const box = (...edges: number[]) =>
  JSON.stringify({ objects: [{ phrase: 'backpack', boxes: [edges] }] });

test.each<[string, string[], RegExp, string?]>([
  ['no such model', ['--model', '/nowhere'], /\/nowhere: no such file or folder/],
  ['a pickle', ['--model', 'pickle.ckpt'], /pickle\.ckpt.* is a pickle.*convert/],
  ['another family', ['--model', 'sdxl'], /SDXL/i],
  ['a damaged checkpoint', ['--model', 'short.safetensors'], /short\.safetensors: .*incomplete/],
  ['no concept file', ['--concept', 'layout.json'], /layout\.json/],
  ['a file without concept', ['--concept', 'unet.safetensors'], /is no concept of Tessera/],
  [
    'a concept of another model',
    ['--concept', 'wide.safetensors'],
    /wide\.safetensors was trained on another kind of model .*width 64/,
  ],
  [
    'one token twice',
    ['--concept', 'cat.safetensors', '--concept', 'cat.plain.safetensors'],
    /both have the token "<my-cat>"/,
  ],
  [
    'a box outside the picture',
    ['--layout', 'bad.json'],
    /bad\.json: objects\[0\]\.boxes\[0\]\[2\] is 1\.5; expected a number from 0 to 1/,
    box(0, 0, 1.5, 1),
  ],
  [
    'an empty box',
    ['--layout', 'bad.json'],
    /bad\.json: .*expected x0 < x1: the box is empty/,
    box(0.5, 0, 0.5, 1),
  ],
  [
    'a layout that is no JSON',
    ['--layout', 'bad.json'],
    /bad\.json is not JSON: line 1, column 2 is out of place; correct it/,
    '{',
  ],
  [
    'no layout file',
    ['--layout', 'absent.json'],
    /absent\.json cannot be read as a layout: no such file or folder; name another/,
  ],
  [
    'a phrase that the prompt lacks',
    ['--layout', 'bad.json'],
    /"dragon" is not in the prompt/,
    '{"objects":[{"phrase":"dragon","boxes":[[0,0,1,1]]}]}',
  ],
  [
    'a size between latent cells',
    ['--size', '100x60'],
    /size 100x60: expected multiples of 8 pixels.*104x64/,
  ],
  ['a size that is none', ['--size', 'large'], /--size <WxH>.*large.*expected a size such as 512/],
  ['no number', ['--steps', 'many'], /steps.*many.*expected a number/],
  ['no step', ['--steps', '0'], /steps is 0; expected a whole number from 1/],
  [
    'too many steps',
    ['--steps', '1001'],
    /1001 sampling steps: expected a whole number from 1 to 1000/,
  ],
  ['an unknown sampler', ['--sampler', 'magic'], /sampler is "magic"/],
  ['an unknown device', ['--device', 'abacus'], /device is "abacus"/],
  [
    'a picture that is no PNG',
    ['--out', 'picture.jpg'],
    /picture\.jpg: expected a file name that ends in \.png/,
  ],
  [
    'photos that nobody compares with',
    ['--photos', 'sdxl'],
    /the photos are for evaluators .* name their folder with --evaluators/,
  ],
  ['a prompt of nothing', ['--prompt', ''], /--prompt <text>.*it is empty; give a value/],
  [
    'a layout of nothing',
    ['--layout', 'auto', '--objects', ''],
    /--objects is \[\]; expected a word/,
  ],
  ['a comparison of nothing', ['--compare'], /a comparison needs a concept/],
  [
    'a concept trained one way',
    ['--compare', '--concept', 'alone.safetensors'],
    /alone\.plain\.safetensors not found: .*train --compare/,
  ],
  ['an unknown option', ['--colour', 'red'], /unknown option '--colour'/],
])(
  'refused: %s',
  async (_, options, message, content) => {
    writeCraftedFiles(content);
    const before = files();
    const named = options.map((option) => (/\.|^sdxl$/.test(option) ? path(option) : option));
    const { code, stderr, stdout } = await runCli([
      ...base,
      '--out',
      path('refused.png'),
      ...named,
    ]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stdout).toBe('');
    expect(code).toBe(2);
    expect(files()).toEqual(before);
  },
  180_000,
);

function writeCraftedFiles(content = ''): void {
  writeFileSync(path('bad.json'), content);
  writeFileSync(path('pickle.ckpt'), Buffer.from([0x80, 2, 0x7d, 0x2e]));
  const unet = committedGolden('tiny-sd1/unet/diffusion_pytorch_model.safetensors');
  copyFileSync(unet, path('unet.safetensors'));
  writeFileSync(path('short.safetensors'), readFileSync(unet).subarray(0, 5000));
  writeTestConcept(path('wide.safetensors'), { width: 64 });
  writeTestConcept(path('alone.safetensors'));
  mkdirSync(path('sdxl'), { recursive: true });
  writeFileSync(path('sdxl/model_index.json'), '{"_class_name": "StableDiffusionXLPipeline"}');
}
