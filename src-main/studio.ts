import {
  api,
  type CallInput,
  type CallName,
  type CallOutput,
  type CallRequest,
} from '../src-shared/api.ts';
import type { JobOptions } from '../src-shared/job.ts';
import { parseCall } from '../src-shared/parseInput.ts';
import type { Engine } from './engine/host.ts';
import { listBuiltIns } from './jobs/builtIns.ts';
import { checkComposition, composePreview } from './jobs/composePreview.ts';
import { exportConcept } from './jobs/exportConcept.ts';
import { harvestLayouts } from './jobs/harvestLayouts.ts';
import { importForeign } from './jobs/importForeign.ts';
import { inspectFile } from './jobs/inspectFile.ts';
import { listDevices } from './jobs/listDevices.ts';
import { makeRandom } from './jobs/makeRandom.ts';
import { recoverLocations } from './jobs/recoverLocations.ts';
import { runDemo } from './jobs/runDemo.ts';
import { trainConcept } from './jobs/trainConcept.ts';
import { verifyModel } from './jobs/verifyModel.ts';

type Handlers = {
  readonly [Name in CallName]: (
    engine: Engine,
    input: CallRequest<Name>,
    options: JobOptions,
  ) => Promise<CallOutput<Name>>;
};

/** Every call of the api and the job that serves it. */
const handlers: Handlers = {
  trainConcept,
  composePreview,
  checkComposition,
  harvestLayouts,
  recoverLocations,
  verifyModel,
  importForeign,
  exportConcept,
  inspectFile,
  listDevices,
  listBuiltIns,
  runDemo,
  makeRandom,
};

type Inputs = { readonly [Name in CallName]: { parse: (input: unknown) => CallRequest<Name> } };

const inputs: Inputs = {
  trainConcept: { parse: (input) => parseCall(api.trainConcept.input, input, 'train') },
  composePreview: { parse: (input) => parseCall(api.composePreview.input, input, 'compose') },
  checkComposition: {
    parse: (input) => parseCall(api.checkComposition.input, input, 'compose'),
  },
  harvestLayouts: { parse: (input) => parseCall(api.harvestLayouts.input, input, 'harvest') },
  recoverLocations: { parse: (input) => parseCall(api.recoverLocations.input, input, 'recover') },
  verifyModel: { parse: (input) => parseCall(api.verifyModel.input, input, 'verify') },
  importForeign: { parse: (input) => parseCall(api.importForeign.input, input, 'import') },
  exportConcept: { parse: (input) => parseCall(api.exportConcept.input, input, 'export') },
  inspectFile: { parse: (input) => parseCall(api.inspectFile.input, input, 'inspect') },
  listDevices: { parse: (input) => parseCall(api.listDevices.input, input, 'devices') },
  listBuiltIns: { parse: (input) => parseCall(api.listBuiltIns.input, input, 'built-ins') },
  runDemo: { parse: (input) => parseCall(api.runDemo.input, input, 'demo') },
  makeRandom: { parse: (input) => parseCall(api.makeRandom.input, input, 'make-random') },
};

/** What a shell serves. */
export interface Studio {
  /** @throws InputError when something given cannot be used, and what {@link Engine.call} throws */
  call<Name extends CallName>(
    name: Name,
    input: CallInput<Name>,
    options?: JobOptions,
  ): Promise<CallOutput<Name>>;
}

export function createStudio(engine: Engine): Studio {
  return {
    call: async (name, input, options = {}) => {
      return handlers[name](engine, inputs[name].parse(input), options);
    },
  };
}
