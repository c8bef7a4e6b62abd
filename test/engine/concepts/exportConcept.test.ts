import { mkdirSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts';
import { inspectFile } from '../../../src-main/engine/checkpoint/inspect.ts';
import { writeConcept } from '../../../src-main/engine/concepts/conceptFile.ts';
import { exportConcept } from '../../../src-main/engine/concepts/exportConcept.ts';
import { readForeignConcept } from '../../../src-main/engine/concepts/foreignConcept.ts';
import { openSafetensors, readTensor } from '../../../src-main/engine/files/safetensors.ts';
import { loadModel } from '../../../src-main/engine/loadModel.ts';
import { float32Data } from '../../../src-main/engine/tensor/tensorData.ts';
import type { ConceptDescription } from '../../../src-shared/concept.ts';
import { requireGoldenPath } from '../../support/golden.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';
import { compile } from '../../support/tinyModel.ts';

const { path } = temporaryFolder();
const checkpoint = openCheckpoint(requireGoldenPath('tiny-sd1'));

const description: ConceptDescription = {
  version: 1,
  ...{ token: '<a>', vectors: 2, classWord: 'cat', method: 'lora-dreambooth' },
  ...{ variant: 'semantic', family: 'sd1', width: 32, modelName: 'tiny-sd1', anchors: [] },
};
const rows = Float32Array.from({ length: 64 }, (_, index) => index);
const attention = 'mid_block.attentions.0.transformer_blocks.0.attn2';
const ones = (...shape: number[]) =>
  float32Data(shape, new Float32Array(shape.reduce((a, b) => a * b)).fill(1));

type Parts = Omit<Parameters<typeof writeConcept>[2], 'rows'>;

/** Exports a concept with these weights: names of the files, without their ending, and their keys. */
function exported(folder: string, changes: Partial<ConceptDescription>, parts: Partial<Parts>) {
  writeConcept(
    path(`${folder}.safetensors`),
    { ...description, ...changes },
    { rows, replaced: new Map(), lora: new Map(), ...parts },
  );
  mkdirSync(path(folder));
  const files = exportConcept(path(`${folder}.safetensors`), path(folder));
  return Object.fromEntries(
    files.map((file) => [
      basename(file, '.safetensors'),
      [...openSafetensors(file).tensors.keys()].sort(),
    ]),
  );
}

describe('a concept becomes files of diffusers', () => {
  test('a LoRA has its scale in its factors, and nothing but factors in its file', async () => {
    const factors = { down: ones(2, 32), up: ones(32, 2) };
    const layer = 'text_model.encoder.layers.0.self_attn.q_proj';
    const files = exported(
      'lora',
      { lora: { rank: 2, alpha: 6 } },
      {
        lora: new Map([[`${attention}.to_q`, factors]]),
        textLora: new Map([[layer, factors]]),
      },
    );
    expect(files).toEqual({
      learned_embeds: ['<a>'],
      pytorch_lora_weights: [
        `text_encoder.${layer}.lora_linear_layer.down.weight`,
        `text_encoder.${layer}.lora_linear_layer.up.weight`,
        `unet.${attention}.to_q.lora.down.weight`,
        `unet.${attention}.to_q.lora.up.weight`,
      ],
    });
    const { parts } = await readForeignConcept(
      { checkpoint, model: loadModel(checkpoint, compile) },
      {
        file: path('lora/pytorch_lora_weights.safetensors'),
        embedding: path('lora/learned_embeds.safetensors'),
        classWord: 'cat',
      },
    );
    expect(parts.rows).toEqual(rows);
    for (const lora of [parts.lora, parts.textLora!]) {
      const [{ down, up }] = [...lora.values()];
      expect([down.data[0], up.data[0]]).toEqual([1, 3]);
    }
  });

  test('factors of several ranks get the same one, and change nothing else', async () => {
    const small = { down: ones(1, 32), up: ones(32, 1) };
    const wide = { down: ones(3, 32, 3, 3), up: ones(32, 3, 1, 1) };
    const [own, convolution] = [`${attention}.to_q`, 'mid_block.resnets.0.conv1'];
    const lora = new Map([
      [own, small],
      [convolution, wide],
    ]);
    exported('ranks', { lora: { rank: 3, alpha: 6 } }, { lora });
    const file = openSafetensors(path('ranks/pytorch_lora_weights.safetensors'));
    const [down, up] = ['down', 'up'].map((half) =>
      readTensor(file, `unet.${own}.lora.${half}.weight`),
    );
    expect(down.shape).toEqual([3, 32]);
    expect(down.data).toEqual(Float32Array.from({ length: 96 }, (_, index) => Number(index < 32)));
    expect(up.shape).toEqual([32, 3]);
    expect(up.data).toEqual(Float32Array.from({ length: 96 }, (_, index) => (index % 3 ? 0 : 2)));
    const wideUp = readTensor(file, `unet.${convolution}.lora.up.weight`);
    expect(wideUp).toEqual({ ...wide.up, data: new Float32Array(96).fill(2) });
  });

  test('Custom Diffusion has keys and values in a file of their own, and names self-attention', async () => {
    const replaced = new Map([[`${attention}.to_k.weight`, ones(32, 32)]]);
    const selfAttention = attention.replace('attn2', 'attn1');
    expect(exported('custom', { method: 'custom-diffusion' }, { replaced })).toEqual({
      learned_embeds: ['<a>'],
      pytorch_custom_diffusion_weights: [
        `${selfAttention}.processor`,
        `${attention}.processor.to_k_custom_diffusion.weight`,
      ],
    });
    const file = path('custom/pytorch_custom_diffusion_weights.safetensors');
    expect(openSafetensors(file).tensors.get(`${selfAttention}.processor`)?.shape).toEqual([0]);
    const { parts } = await readForeignConcept(
      { checkpoint, model: loadModel(checkpoint, compile) },
      { file, classWord: 'cat' },
    );
    expect([...parts.replaced.keys()]).toEqual([`${attention}.to_k.weight`]);
    expect(inspectFile(file).details).toEqual([
      'replaces 1 key and value projections of cross-attention',
    ]);
  });

  test('queries and outputs that another program trained stay with keys and values', () => {
    const replaced = new Map([
      [`${attention}.to_q.weight`, ones(32, 32)],
      [`${attention}.to_out.0.weight`, ones(32, 32)],
      [`${attention}.to_out.0.bias`, ones(32)],
    ]);
    expect(exported('queries', { method: 'custom-diffusion' }, { replaced })).toEqual({
      learned_embeds: ['<a>'],
      pytorch_custom_diffusion_weights: [
        `${attention}.processor.to_out_custom_diffusion.0.bias`,
        `${attention}.processor.to_out_custom_diffusion.0.weight`,
        `${attention}.processor.to_q_custom_diffusion.weight`,
      ],
    });
  });

  test('DreamBooth has a UNet, whose weights are named as the UNet has them', () => {
    const replaced = new Map([['conv_in.bias', ones(16)]]);
    expect(exported('whole', { method: 'dreambooth' }, { replaced })).toEqual({
      learned_embeds: ['<a>'],
      diffusion_pytorch_model: ['conv_in.bias'],
    });
    const file = openSafetensors(path('whole/diffusion_pytorch_model.safetensors'));
    expect(readTensor(file, 'conv_in.bias').data).toEqual(new Float32Array(16).fill(1));
  });

  test('nothing that is there is replaced, and nothing but a concept is exported', () => {
    exported('once', { method: 'textual-inversion' }, {});
    const again = () => exportConcept(path('once.safetensors'), path('once'));
    expect(again).toThrow(/learned_embeds\.safetensors is there already: choose another folder/);
    const foreign = requireGoldenPath('concepts/learned_embeds.safetensors');
    expect(() => exportConcept(foreign, path('once'))).toThrow(/is no concept of Tessera, but/);
  });
});
