import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts';
import type { CommandContext } from '../../../src-main/engine/commands/context.ts';
import { createPictureNetworks } from '../../../src-main/engine/commands/pictureNetworks.ts';
import { renderPictures } from '../../../src-main/engine/commands/renderPictures.ts';
import { applyConcepts } from '../../../src-main/engine/concepts/applyConcepts.ts';
import { loadModel } from '../../../src-main/engine/loadModel.ts';
import { parseParams } from '../../../src-main/engine/protocol.ts';
import type { Compile } from '../../../src-main/engine/tensor/executable.ts';
import { compile } from '../../support/tinyModel.ts';
import { toyboxFolder } from '../../support/toybox.ts';

test('pictures share their networks, and no two networks are in memory at once', async () => {
  let made = 0;
  let alive = 0;
  let most = 0;
  const counting: Compile = async (graph, options) => {
    const { run, release } = await compile(graph, options);
    made++;
    most = Math.max(most, ++alive);
    return {
      run,
      release: async () => {
        alive--;
        await release();
      },
    };
  };
  const checkpoint = openCheckpoint(toyboxFolder);
  const model = applyConcepts(loadModel(checkpoint, counting), checkpoint, []);
  const size = { height: 16, width: 16 };
  const networks = createPictureNetworks(size, 0, { loss: 'layout' });
  const jobs = ['a cat', 'a boat'].map((prompt) => ({
    ...{ model, size, layout: undefined, spatial: false, title: prompt },
    params: parseParams('composePictures', {
      ...{ model: toyboxFolder, prompt, steps: 2, sampler: 'ddim' },
      pictures: [{ name: prompt, concepts: [], spatial: false }],
    }),
  }));
  const phases: string[] = [];
  const context: CommandContext = {
    signal: new AbortController().signal,
    report: (event) => {
      if (event.type === 'progress') phases.push(`${event.phase} ${event.step}/${event.total}`);
    },
  };
  const [cat, boat] = await renderPictures(networks, jobs, 'decoding', context);
  expect({ made, most, alive }).toEqual({ made: 3, most: 1, alive: 0 });
  expect(Buffer.from(cat.raster.data).equals(Buffer.from(boat.raster.data))).toBe(false);
  expect(phases).toEqual([
    ...['a cat 0/2', 'a cat 1/2', 'a cat 2/2', 'a boat 0/2', 'a boat 1/2', 'a boat 2/2'],
    ...['decoding 0/2', 'decoding 1/2', 'decoding 2/2'],
  ]);
});
