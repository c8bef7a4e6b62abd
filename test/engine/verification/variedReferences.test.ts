import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../../src-main/engine/diffusion/random.ts';
import { openSafetensors, readTensor } from '../../../src-main/engine/files/safetensors.ts';
import { writeSafetensors } from '../../../src-main/engine/files/writeSafetensors.ts';
import { float32Data, type TensorData } from '../../../src-main/engine/tensor/tensorData.ts';
import {
  GoldenCopy,
  goldenRoot,
  temporaryFolder,
  verify,
  verifyAt,
  withStatus,
} from './verification.ts';

const model = 'tiny-sd1';
/** Where the row of the placeholder stands. */
const placeholderFiles = ['sample/index.json', 'sample/spatial.safetensors'];

/** Parts of an index, to be spoiled. */
function sectionOf(index: Readonly<Record<string, unknown>>, ...path: readonly string[]) {
  return path.reduce<Record<string, unknown>>(
    (section, name) => section[name] as Record<string, unknown>,
    index as Record<string, unknown>,
  );
}

/** Beside the golden folder, files that hold for every model. */
function copyShared(copy: GoldenCopy, name: string): string {
  for (const end of ['json', 'safetensors']) {
    const file = `${name}.${end}`;
    cpSync(join(goldenRoot, file), join(dirname(copy.folder), file));
  }
  return join(dirname(copy.folder), `${name}.json`);
}

/** The others take their time. */
function keepLayouts(copy: GoldenCopy, ...names: readonly string[]): void {
  copy.changeIndex((index) => {
    const kept = (key: string) => names.some((name) => key.startsWith(`${name}.`));
    const all = sectionOf(index, 'ca_cases');
    index.ca_cases = Object.fromEntries(names.map((name) => [name, all[name]]));
    const entries = Object.entries(index.files['ca.safetensors']);
    index.files['ca.safetensors'] = Object.fromEntries(entries.filter(([key]) => kept(key)));
  });
}

function readStored(name: string, key: string): TensorData {
  return readTensor(openSafetensors(join(goldenRoot, 'tiny-sd1-golden', name)), key);
}

describe('one case that is otherwise does not end the others', () => {
  test('a training without clipping is run, one without a learning rate fails', async () => {
    const names = ['custom_diffusion', 'dreambooth'].map((name) => `train/${name}.safetensors`);
    const copy = new GoldenCopy('train/index.json', 'text.safetensors', ...names);
    copy.changeIndex((index) => {
      delete sectionOf(index, 'case.custom_diffusion').max_grad_norm;
      delete sectionOf(index, 'case.dreambooth').lr;
    }, 'train/index.json');
    const { byName } = await verify(model, copy.folder, ['text', 'train']);
    // The stored trajectory was clipped, and from its first step on another one.
    expect(byName.get('train/custom_diffusion/grad_norm')?.error).toBeGreaterThan(0);
    expect(byName.get('train/dreambooth')).toMatchObject({ status: 'failed' });
    expect(byName.get('train/dreambooth')?.detail).toContain('case.dreambooth');
    expect(byName.get('text/ids')?.status).toBe('passed');
  });

  test('a training without an anchor needs no reference prompts', async () => {
    const copy = new GoldenCopy('grad_ti.safetensors');
    copy.changeIndex((index) => {
      const entries = index.files['grad_ti.safetensors'];
      const kept = Object.entries(entries).filter(
        ([key]) => !key.startsWith('multi.') && !/ref_ids|comp|anchor/.test(key),
      );
      index.files['grad_ti.safetensors'] = Object.fromEntries(kept);
      delete sectionOf(index, 'ti_prompts.one').reference;
    });
    copy.changeTensors('grad_ti.safetensors', { 'one.ref_ids': undefined });
    const { results, byName } = await verify(model, copy.folder, ['grad_ti']);
    expect(withStatus(results, 'failed')).toEqual([]);
    expect(byName.get('grad_ti/one.recons.grad')?.status).toBe('passed');
  });

  test('a layout without its boxes fails alone', async () => {
    const copy = new GoldenCopy('ca.safetensors', ...placeholderFiles);
    keepLayouts(copy, 'two', 'easy');
    copy.changeIndex((index) => {
      delete sectionOf(index, 'ca_cases', 'two').boxes;
    });
    const { results, byName } = await verify(model, copy.folder, ['ca']);
    expect(withStatus(results, 'failed').map(({ name }) => name)).toEqual(['ca/two']);
    expect(byName.get('ca/two')?.detail).toContain('ca_cases.two');
    expect(byName.get('ca/easy.grad.official')?.status).toBe('passed');
  });

  test('hidden states without ids are taken as they stand', async () => {
    const copy = new GoldenCopy('unet.safetensors');
    copy.changeTensors('unet.safetensors', { ids: undefined });
    copy.changeIndex(({ files }) => {
      delete files['unet.safetensors'].ids;
    });
    const { results, byName } = await verify(model, copy.folder, ['unet']);
    expect(withStatus(results, 'failed')).toEqual([]);
    expect(byName.get('unet/hidden')?.detail).toBe('no ids tell of which prompts they are');
    expect(byName.get('unet/out.mixed')?.status).toBe('passed');
  });

  test('a tensor that is missing fails, and so does a file that is cut short', async () => {
    const copy = new GoldenCopy('text.safetensors', 'unet.safetensors', 'vae.safetensors');
    copy.changeTensors('text.safetensors', { last_hidden_state: undefined });
    copy.changeTensors('unet.safetensors', { 'x.mixed': undefined });
    writeFileSync(copy.path('vae.safetensors'), 'short');
    const { byName } = await verify(model, copy.folder, ['text', 'vae', 'unet']);
    expect(byName.get('text')?.detail).toContain("tensor 'last_hidden_state' is missing");
    expect(byName.get('vae')?.status).toBe('failed');
    expect(byName.get('unet/out.mixed')?.detail).toContain("tensor 'x.mixed' is missing");
    expect(byName.get('unet/hidden')?.status).toBe('passed');
  });

  test('what an index says of one file, and an index of a part, fail alone', async () => {
    const copy = new GoldenCopy('text.safetensors', 'unet.safetensors', 'train/index.json');
    copy.changeIndex(({ files }) => {
      files['text.safetensors'].ids = { shape: 'two' };
    });
    writeFileSync(copy.path('train/index.json'), '{');
    const { byName } = await verify(model, copy.folder, ['text', 'unet', 'train']);
    expect(byName.get('text')?.detail).toContain('index.json: files.text.safetensors');
    expect(byName.get('train/index.json')).toMatchObject({ group: 'other', status: 'failed' });
    expect(byName.get('unet/hidden')?.status).toBe('passed');
  });

  test('a sampler that calls the model at other times is told, and the optimiser follows', async () => {
    const copy = new GoldenCopy('text.safetensors');
    const path = copyShared(copy, 'schedulers-diffusers-0.31.0');
    copyShared(copy, 'adamw');
    const index = JSON.parse(readFileSync(path, 'utf8'));
    index.config.skip_prk_steps = false;
    writeFileSync(path, JSON.stringify(index));
    const { results, byName } = await verify(model, copy.folder, ['schedulers', 'adamw']);
    const label = 'schedulers-diffusers-0.31.0/pndm.epsilon.10';
    expect(byName.get(`${label}.latents`)).toMatchObject({
      status: 'failed',
      detail: '19 calls of the model, expected 11',
    });
    const failed = withStatus(results, 'failed').map(({ name }) => name);
    expect(failed.every((name) => name.includes('/pndm.'))).toBe(true);
    expect(byName.get('adamw/0.params')?.status).toBe('passed');
  });
});

test('a model in which everything is otherwise, as diffusers 0.31.0 computes it', async () => {
  // Made by tools/pytorch/varied_reference.py; the tokenizer is that of tiny-sd1.
  const reference = join(goldenRoot, '../golden-varied');
  const varied = join(temporaryFolder('models'), 'varied');
  cpSync(join(reference, 'varied'), varied, { recursive: true });
  cpSync(join(goldenRoot, model, 'tokenizer'), join(varied, 'tokenizer'), { recursive: true });
  const groups = ['text', 'vae', 'unet', 'grad_ti'];
  const { counts } = await verifyAt(varied, join(reference, 'varied-golden'), groups);
  expect(counts).toEqual({ passed: 16, failed: 0, unsupported: 0 });
});

describe('what is allowed to vary', () => {
  test('the rank of a LoRA from layer to layer', { timeout: 60_000 }, async () => {
    const copy = new GoldenCopy('grad_ti.safetensors', 'grad_lora.safetensors');
    const layer = 'mid_block.attentions.0.transformer_blocks.0.attn2.to_q';
    // Two directions more that change nothing and, being zero on both sides, have no gradient.
    const wider = (key: string) => {
      const { shape, data } = readStored('grad_lora.safetensors', key);
      const padded = key.includes('lora_A') ? [6, shape[1]] : [shape[0], 6];
      const values = new Float32Array(padded[0] * padded[1]);
      for (let i = 0; i < data.length; i++) {
        values[Math.floor(i / shape[1]) * padded[1] + (i % shape[1])] = Number(data[i]);
      }
      return float32Data(padded, values);
    };
    const keys = ['A', 'B'].flatMap((side) =>
      ['', 'grad.'].map((prefix) => `${prefix}${layer}.lora_${side}.weight`),
    );
    const changed = Object.fromEntries(keys.map((key) => [key, wider(key)]));
    copy.changeTensors('grad_lora.safetensors', changed);
    copy.changeIndex(({ files }) => {
      const entries = files['grad_lora.safetensors'];
      for (const [key, { shape }] of Object.entries(changed)) {
        const meaning = key.startsWith('grad.') ? '' : 'rank 6, alpha = 6';
        entries[key] = { ...entries[key], meaning, shape, f64: undefined };
      }
    });
    const { results, byName } = await verify(model, copy.folder, ['grad_lora']);
    expect(withStatus(results, 'failed')).toEqual([]);
    expect(byName.get(`grad_lora/${keys[1]}`)?.status).toBe('passed');
  });

  test.each([
    ['named with a blank', 'two words', "inputs are those of grad_ti 'two words'"],
    ['not named', 'only', 'mse'],
  ])('the set of prompts of the gradients of a UNet, %s', async (_, set, meaning) => {
    const copy = new GoldenCopy('grad_ti.safetensors', 'grad_unet.safetensors');
    const ids = readStored('grad_ti.safetensors', 'one.ids');
    copy.changeTensors('grad_ti.safetensors', { 'one.ids': undefined, [`${set}.ids`]: ids });
    copy.changeIndex(({ files }) => {
      const [inputs, outputs] = [files['grad_ti.safetensors'], files['grad_unet.safetensors']];
      const kept = ['embedding', 'latents', 'noise', 'timesteps'];
      const entries = Object.fromEntries(kept.map((key) => [key, inputs[key]]));
      files['grad_ti.safetensors'] = { ...entries, [`${set}.ids`]: inputs['one.ids'] };
      files['grad_unet.safetensors'] = { loss: { ...outputs.loss, meaning } };
    });
    const { byName } = await verify(model, copy.folder, ['grad_unet']);
    expect(byName.get('grad_unet/loss')?.status).toBe('passed');
  });

  test('a vocabulary table with more rows than the tokenizer has words', async () => {
    const copy = new GoldenCopy('grad_ti.safetensors', 'ca.safetensors', ...placeholderFiles);
    keepLayouts(copy, 'easy');
    const padded = join(temporaryFolder('models'), 'padded');
    cpSync(join(goldenRoot, model), padded, { recursive: true });
    const config = join(padded, 'text_encoder', 'config.json');
    const json = JSON.parse(readFileSync(config, 'utf8'));
    writeFileSync(config, JSON.stringify({ ...json, vocab_size: json.vocab_size + 20 }));
    padTable(join(padded, 'text_encoder', 'model.safetensors'), 20);
    const { results, counts } = await verifyAt(padded, copy.folder, ['grad_ti', 'ca']);
    expect(withStatus(results, 'failed')).toEqual([]);
    expect(counts.passed).toBeGreaterThan(25);
  });

  /** Rows that no word has, of which none may be read. */
  function padTable(path: string, rows: number): void {
    const file = openSafetensors(path);
    const tensors = new Map([...file.tensors.keys()].map((key) => [key, readTensor(file, key)]));
    const key = 'text_model.embeddings.token_embedding.weight';
    const { shape, data } = tensors.get(key)!;
    const noise = RandomStream.create(1, 'rows').normal(rows * shape[1]);
    const values = Float32Array.from([...Array.from(data, Number), ...noise]);
    writeSafetensors(path, tensors.set(key, float32Data([shape[0] + rows, shape[1]], values)));
  }

  test('the scaling factor, by which the released code still divides as it always did', async () => {
    const copy = new GoldenCopy(...placeholderFiles);
    copy.changeIndex((index) => {
      index.spatial = { half: sectionOf(index, 'spatial', 'half') };
    }, 'sample/index.json');
    const other = join(temporaryFolder('models'), 'scaled');
    mkdirSync(other, { recursive: true });
    cpSync(join(goldenRoot, model), other, { recursive: true });
    const config = join(other, 'vae', 'config.json');
    const json = JSON.parse(readFileSync(config, 'utf8'));
    writeFileSync(config, JSON.stringify({ ...json, scaling_factor: 0.13 }));
    const { byName } = await verifyAt(other, copy.folder, ['spatial']);
    expect(byName.get('sample/spatial/half.image')).toMatchObject({
      status: 'passed',
      detail: "decoded with the scaling factor 0.18215, as the released code, not the model's 0.13",
    });
  });

  test('what else is in a single file', async () => {
    const folder = temporaryFolder('models');
    const name = 'tiny-sd2-ldm-fp16.safetensors';
    cpSync(join(goldenRoot, 'tiny-sd2'), join(folder, 'tiny-sd2'), { recursive: true });
    writeFileSync(join(folder, name), withStray(readFileSync(join(goldenRoot, name))));
    const { byName } = await verifyAt(join(folder, name), goldenRoot);
    expect(byName.get(`${name}/callbacks.state`)).toMatchObject({
      group: 'other',
      detail: 'no network has this weight',
    });
  });

  /** A .safetensors file with one tensor more, at its end. */
  function withStray(file: Buffer): Buffer {
    const length = Number(file.readBigUInt64LE());
    const header = JSON.parse(file.toString('utf8', 8, 8 + length));
    const end = file.length - 8 - length;
    header['callbacks.state'] = { dtype: 'F32', shape: [1], data_offsets: [end, end + 4] };
    const text = Buffer.from(JSON.stringify(header));
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([prefix, text, file.subarray(8 + length), Buffer.alloc(4)]);
  }

  test('what lies in the folder besides', async () => {
    const copy = new GoldenCopy('text.safetensors');
    writeFileSync(copy.path('notes.md'), 'notes');
    mkdirSync(copy.path('video'));
    const { byName } = await verify(model, copy.folder);
    for (const name of ['notes.md', 'video']) {
      expect(byName.get(name)).toMatchObject({ group: 'other', status: 'unsupported' });
    }
  });
});
