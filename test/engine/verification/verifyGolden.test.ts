import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts';
import {
  createNoisePredictor,
  createTextEncoder,
} from '../../../src-main/engine/diffusion/networks.ts';
import { RandomStream } from '../../../src-main/engine/diffusion/random.ts';
import { openSafetensors, readTensor } from '../../../src-main/engine/files/safetensors.ts';
import { writeSafetensors } from '../../../src-main/engine/files/writeSafetensors.ts';
import {
  float32Data,
  int64Data,
  type TensorData,
} from '../../../src-main/engine/tensor/tensorData.ts';
import {
  verificationGroups,
  verifyGolden,
} from '../../../src-main/engine/verification/verifyGolden.ts';
import { InputError } from '../../../src-shared/inputError.ts';
import { compile, openTinyModel } from '../../support/tinyModel.ts';
import { GoldenCopy, goldenRoot, temporaryFolder, verify, withStatus } from './verification.ts';

const model = 'tiny-sd1';
const goldenFolder = join(goldenRoot, 'tiny-sd1-golden');

/** Least number of comparisons in the committed files. */
const leastPassed: Readonly<Record<string, number>> = {
  text: 8,
  vae: 5,
  unet: 31,
  eps_probe: 4,
  ca: 39,
  grad_ti: 21,
  grad_cd: 37,
  grad_lora: 258,
  grad_unet: 690,
  train: 55,
  spatial: 42,
  concepts: 30,
  schedulers: 280,
  adamw: 12,
  tokenizer: 10,
  preprocess: 42,
};

describe('the committed reference numbers of tiny-sd1', () => {
  test.each(Object.entries(leastPassed))('%s', { timeout: 180_000 }, async (group, least) => {
    const { results, counts } = await verify(model, goldenFolder, [group]);
    expect(withStatus(results, 'failed')).toEqual([]);
    expect(counts.passed).toBeGreaterThanOrEqual(least);
    // What is not committed is told, and ids that only Python gives.
    const reasons = withStatus(results, 'unsupported').map(({ detail }) => detail);
    expect(reasons.filter((reason) => !/is not there$|ftfy/.test(reason ?? ''))).toEqual([]);
    expect(new Set(results.map(({ name }) => name)).size).toBe(results.length);
    for (const { status, error = Number.NaN, tolerance = 0 } of results) {
      if (status === 'passed') expect(error).toBeLessThanOrEqual(tolerance);
    }
  });

  test('every group is among them, or named as missing', async () => {
    const others = verificationGroups.filter((name) => !Object.hasOwn(leastPassed, name));
    expect(others).toEqual(['attn', 'grad_kv', 'sampling', 'expected']);
    const { results } = await verify(model, goldenFolder, ['attn', 'grad_kv', 'sampling']);
    expect(results.map(({ name, status }) => [name, status])).toEqual([
      ['attn', 'unsupported'],
      ['grad_kv_plain', 'unsupported'],
      ['sample/sampling', 'unsupported'],
    ]);
  });
});

describe('a single-file checkpoint in half precision', () => {
  test('is compared with the numbers of its own weights', async () => {
    const { results, byName } = await verify('tiny-sd2-ldm-fp16.safetensors', goldenRoot);
    expect(withStatus(results, 'failed')).toEqual([]);
    for (const key of ['hidden', 'unet.t500', 'vae.decoded']) {
      expect(byName.get(`tiny-sd2-ldm-fp16-expected/${key}`)?.status).toBe('passed');
    }
    // The folder's numbers are those of other weights.
    expect(byName.get('unet')?.detail).toContain('tiny-sd2-ldm-fp16-expected.safetensors');
  });
});

describe('a changed number', () => {
  test.each([
    ['by a hundredth', (value: number) => value + 0.01],
    ['to what is none', () => Number.NaN],
  ])('%s fails its case and no other', async (_, change) => {
    const copy = new GoldenCopy('text.safetensors');
    copy.changeNumber('text.safetensors', 'hidden_states.2', 1000, change);
    const { results } = await verify(model, copy.folder, ['text']);
    expect(withStatus(results, 'failed').map(({ name }) => name)).toEqual(['text/hidden_states.2']);
    expect(withStatus(results, 'passed')).toHaveLength(7);
  });

  test('among the ids fails them', async () => {
    const copy = new GoldenCopy('text.safetensors');
    copy.changeIndex((index) => Object.assign(index, { text_prompts: ['', 'a', 'b', 'c', 'd'] }));
    const { byName } = await verify(model, copy.folder, ['text']);
    expect(byName.get('text/ids')).toMatchObject({ status: 'failed', measure: 'differing' });
    expect(byName.get('text/last_hidden_state')?.status).toBe('passed');
  });

  test('of a probe fails it', async () => {
    const names = ['text.safetensors', 'unet.safetensors', 'vae.safetensors'];
    const copy = new GoldenCopy(...names, 'eps_probe.json', 'eps_probe.safetensors');
    copy.changeNumber('eps_probe.safetensors', 'unet', 0, (value) => value + 0.1);
    const { results } = await verify(model, copy.folder, ['eps_probe']);
    expect(withStatus(results, 'failed').map(({ name }) => name)).toEqual(['eps_probe/unet']);
  });

  test('of the ids to one that no prompt can hold leaves the other files their turn', async () => {
    const copy = new GoldenCopy('text.safetensors', 'unet.safetensors');
    const path = copy.path('text.safetensors');
    const bytes = readFileSync(path);
    bytes.writeBigInt64LE(1_000_000n, openSafetensors(path).tensors.get('ids')!.offset);
    writeFileSync(path, bytes);
    const { byName } = await verify(model, copy.folder, ['text', 'unet']);
    expect(byName.get('text/ids')).toMatchObject({ status: 'unsupported' });
    expect(byName.get('unet/out.mixed')?.status).toBe('passed');
  });

  test('at the start of a guided run fails what follows, not the picture of the stored end', async () => {
    const copy = new GoldenCopy('sample/index.json', 'sample/spatial.safetensors');
    copy.changeNumber('sample/spatial.safetensors', 'half.x0', 0, (value) => value + 0.5);
    const indexPath = copy.path('sample/index.json');
    const index = JSON.parse(readFileSync(indexPath, 'utf8'));
    writeFileSync(indexPath, JSON.stringify({ ...index, spatial: { half: index.spatial.half } }));
    const { byName } = await verify(model, copy.folder, ['spatial']);
    const statusOf = (what: string) => byName.get(`sample/spatial/half.${what}`)?.status;
    expect(statusOf('after_step')).toBe('failed');
    expect(statusOf('calls, each update by itself')).toBe('passed');
    expect(statusOf('image')).toBe('passed');
  });
});

describe('what no case knows is told', () => {
  /** Adds a tensor to text.safetensors. */
  function withTensor(key: string, described: boolean): GoldenCopy {
    const copy = new GoldenCopy('text.safetensors');
    const path = copy.path('text.safetensors');
    const file = openSafetensors(path);
    const tensors = new Map([...file.tensors.keys()].map((name) => [name, readTensor(file, name)]));
    writeSafetensors(path, tensors.set(key, float32Data([2], Float32Array.of(1, 2))));
    copy.changeIndex(({ files }) => {
      if (described) files['text.safetensors'][key] = { shape: [2], tol_rel_l2: 2e-5 };
    });
    return copy;
  }

  test.each([
    ['a tensor to compare with', true],
    ['a tensor that the index leaves out', false],
  ])('%s', async (_, described) => {
    const { folder } = withTensor('mystery', described);
    const { results, counts } = await verify(model, folder, ['text']);
    expect(withStatus(results, 'unsupported')).toEqual([
      {
        group: 'text',
        name: 'text/mystery',
        status: 'unsupported',
        detail: 'no case knows this tensor',
      },
    ]);
    expect(counts).toEqual({ passed: 8, failed: 0, unsupported: 1 });
  });

  test('a tensor with a tolerance that only serves as input', async () => {
    const copy = new GoldenCopy('vae.safetensors');
    copy.changeIndex(({ files }) => {
      Object.assign(files['vae.safetensors'].image, { tol_rel_l2: 1e-4 });
    });
    const { byName } = await verify(model, copy.folder, ['vae']);
    expect(byName.get('vae/image')?.status).toBe('unsupported');
  });

  test('a file', async () => {
    const copy = new GoldenCopy('text.safetensors');
    const tensors = new Map([['value', float32Data([1], Float32Array.of(1))]]);
    for (const name of ['video.safetensors', 'audio.safetensors']) {
      writeSafetensors(copy.path(name), tensors);
    }
    copy.changeIndex(({ files }) => {
      files['video.safetensors'] = { value: { shape: [1], tol_rel_l2: 1e-5 } };
    });
    const { byName } = await verify(model, copy.folder);
    expect(byName.get('video')?.detail).toBe('no group knows this file');
    expect(byName.get('audio.safetensors')?.detail).toBe('no index describes it');
    expect(byName.get('unet')).toMatchObject({
      status: 'unsupported',
      detail: 'no index describes it',
    });
    expect(byName.get('text/ids')?.status).toBe('passed');
  });

  test('a file whose inputs stand in one that is missing, once', async () => {
    const copy = new GoldenCopy('grad_lora.safetensors', 'grad_cd.safetensors');
    const { results } = await verify(model, copy.folder, ['grad_lora', 'grad_cd']);
    const told = results.map(({ name, status, detail }) => [name, status, detail]);
    expect(told).toContainEqual([
      'grad_lora',
      'unsupported',
      'its placeholder rows stand in grad_ti, which is not there',
    ]);
    expect(results.map(({ name }) => name)).toEqual([
      ...['grad_cd/ids', 'grad_cd/ref_ids', 'grad_cd', 'grad_lora'],
    ]);
  });

  test('words that are not understood', async () => {
    const copy = new GoldenCopy('grad_ti.safetensors');
    copy.changeIndex(({ files }) => {
      Object.assign(files['grad_ti.safetensors']['one.recons.loss'], { meaning: 'a new loss' });
    });
    const { byName, counts } = await verify(model, copy.folder, ['grad_ti']);
    expect(byName.get('grad_ti/one.recons')?.detail).toBe('its meaning names no known loss');
    expect(counts).toMatchObject({ failed: 0, unsupported: 1 });
  });
});

describe('other sizes', () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const text = { meaning: 'as stored', tol_rel_l2: 2e-5 };

  /** A folder with a UNet file of three prompts on latents of 8 x 20, as this engine computes it. */
  async function writeFolder(): Promise<string> {
    const own = openTinyModel(model);
    const random = RandomStream.create(seed, 'sizes');
    const prompts = ['a dog', 'two red chairs on the beach', ''];
    const ids = prompts.map((prompt) => own.tokenizer.encodePadded(prompt).ids);
    const encoder = await createTextEncoder(own, { batch: 3 });
    const hidden = await encoder.encode(ids);
    const network = await createNoisePredictor(own, { batch: 3, height: 8, width: 20 });
    const shape = [3, 4, 8, 20];
    const latent = random.normal(3 * 4 * 8 * 20);
    const tensors = new Map<string, TensorData>([
      ['ids', int64Data([3, 77], ids.flat())],
      ['hidden', float32Data([3, 77, own.configs.textEncoder.hiddenSize], hidden)],
      ['x.b3.8x20', float32Data(shape, latent)],
      ['out.b3.8x20.t7', float32Data(shape, await network.predict(latent, [7, 7, 7], hidden))],
      ['x.three', float32Data(shape, latent)],
      ['t.three', int64Data([3], [1, 640, 23])],
      ['out.three', float32Data(shape, await network.predict(latent, [1, 640, 23], hidden))],
    ]);
    await Promise.all([encoder.release(), network.release()]);
    const folder = temporaryFolder('other-golden');
    writeSafetensors(join(folder, 'unet.safetensors'), tensors);
    const entries = [...tensors].map(([key, { shape }]) => [
      key,
      { shape, ...(/^(out|hidden)/.test(key) && text) },
    ]);
    const files = { 'unet.safetensors': Object.fromEntries(entries) };
    writeFileSync(join(folder, 'index.json'), JSON.stringify({ files, unet_prompts: prompts }));
    return folder;
  }

  test(`prompts, batches and timesteps come from the index (seed ${seed})`, async () => {
    const { results, counts } = await verify(model, await writeFolder(), ['unet']);
    expect(counts).toEqual({ passed: 4, failed: 0, unsupported: 0 });
    expect(results.map(({ name }) => name)).toEqual([
      'unet/ids',
      'unet/hidden',
      'unet/out.b3.8x20.t7',
      'unet/out.three',
    ]);
  });
});

describe('refusals', () => {
  const refused = (copy: GoldenCopy) => verify(model, copy.folder, ['text']);

  test('a file that is cut short', async () => {
    const copy = new GoldenCopy('text.safetensors');
    truncateSync(copy.path('text.safetensors'), 5000);
    await expect(refused(copy)).rejects.toThrow(InputError);
    await expect(refused(copy)).rejects.toThrow(/text\.safetensors.*incomplete/);
  });

  test('an index that is no JSON, or contradicts its file', async () => {
    const broken = new GoldenCopy('text.safetensors');
    writeFileSync(broken.path('index.json'), '{"files": ');
    await expect(refused(broken)).rejects.toThrow(/index\.json: expected JSON/);
    const lying = new GoldenCopy('text.safetensors');
    lying.changeIndex(({ files }) => {
      Object.assign(files['text.safetensors'].ids, { shape: [5, 78] });
    });
    await expect(refused(lying)).rejects.toThrow(
      /tensor 'ids' is \[5, 77\], its index says \[5, 78\]/,
    );
  });

  test('a folder that is none, and a group that is none', async () => {
    const nowhere = join(goldenRoot, 'nowhere');
    await expect(verify(model, nowhere)).rejects.toThrow(/nowhere is not a folder/);
    await expect(verify(model, goldenFolder, ['texts'])).rejects.toThrow(
      /group 'texts': expected one of text, vae, unet/,
    );
  });

  test('a folder without reference numbers, and no group at all', async () => {
    const empty = temporaryFolder('empty');
    await expect(verify(model, empty)).rejects.toThrow(/empty holds no reference numbers/);
    await expect(verify(model, join(goldenRoot, model), ['text'])).rejects.toThrow(InputError);
    await expect(verify(model, goldenFolder, [])).rejects.toThrow(/no group is named/);
  });

  test('an end that is asked for', async () => {
    const controller = new AbortController();
    const running = verifyGolden({
      checkpoint: openCheckpoint(join(goldenRoot, model)),
      goldenFolder,
      compile,
      only: ['train', 'spatial'],
      onCase: ({ name }) => {
        if (name === 'train/anchorN/ids') controller.abort(new Error('enough'));
      },
      signal: controller.signal,
    });
    await expect(running).rejects.toThrow('enough');
  });
});
