import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type * as z from 'zod';
import type { CallOptions } from '../../src-main/studio/callOptions.ts';
import { openWindowStudio, type WindowStudio } from '../../src-main/studio/windowStudio.ts';
import type { BlobHash } from '../../src-shared/ids.ts';
import type { JobState, JobStatus } from '../../src-shared/jobRecord.ts';
import {
  type StudioCallName,
  type StudioInput,
  type StudioOutput,
  studioApi,
} from '../../src-shared/studioApi.ts';
import { type StudioEvent, studioEvent } from '../../src-shared/studioEvent.ts';
import { testSettings } from './testSettings.ts';
import { writeToyboxConcept } from './writeTestConcept.ts';

/** A studio as a window has it: outputs cross as JSON and are parsed by the contract. */
export interface TestStudio {
  readonly studio: WindowStudio;
  readonly events: StudioEvent[];
  call<Name extends StudioCallName>(
    name: Name,
    input: StudioInput<Name>,
    options?: Partial<CallOptions>,
  ): Promise<StudioOutput<Name>>;
  /** What was told to have changed since the last time. */
  changed(): string[];
  upload(content: Uint8Array | string): Promise<BlobHash>;
  uploadFile(path: string): Promise<BlobHash>;
  /** When the job is in one of these states. */
  until(id: string, ...states: JobState[]): Promise<JobStatus>;
  close(): Promise<void>;
}

export async function openTestStudio(folder: string): Promise<TestStudio> {
  const studio = await openWindowStudio({ folder, shell: 'browser' });
  await studio.call('changeSettings', testSettings);
  const events: StudioEvent[] = [];
  let seen = 0;
  const listeners = new Set<() => void>();
  studio.subscribe((event) => {
    events.push(studioEvent.parse(JSON.parse(JSON.stringify(event))));
    for (const listener of listeners) listener();
  });
  const upload = async (content: Uint8Array | string) =>
    (await studio.blobs.receive(Readable.from([Buffer.from(content)]), { limit: 1e9 })).hash;
  const call: TestStudio['call'] = async (name, input, options) => {
    const output = JSON.parse(JSON.stringify(await studio.call(name, input, options)));
    return outputs[name].output.parse(output);
  };
  return {
    ...{ studio, events, call, upload },
    changed: () => {
      const news = events.slice(seen);
      seen = events.length;
      return news.flatMap((event) => (event.type === 'changed' ? [event.what] : []));
    },
    uploadFile: async (path) => upload(await readFile(path)),
    until: async (id, ...states) => {
      for (;;) {
        const job = await call('getJob', { id });
        if (states.includes(job.state)) return job;
        await new Promise<void>((done) => {
          listeners.add(done);
          setTimeout(done, 500);
        });
        listeners.clear();
      }
    },
    close: () => studio.close(),
  };
}

type Outputs = {
  readonly [Name in StudioCallName]: { readonly output: z.ZodType<StudioOutput<Name>> };
};

const outputs: Outputs = studioApi;

/** The model that comes with the program. */
export async function toyboxId({ call }: TestStudio): Promise<string> {
  const { models } = await call('listModels', {});
  return models.find(({ builtIn }) => builtIn)!.id;
}

/** Imports a concept for Toybox with random rows, trained both ways as it says; the semantic version comes first. */
export async function importPair(
  studio: TestStudio,
  path: (name: string) => string,
  token = '<thing>',
) {
  const name = token.replaceAll(/\W/g, '');
  for (const variant of ['plain', 'semantic'] as const) {
    const seed = variant === 'plain' ? 1 : 2;
    const file = path(`${name}-${variant}.safetensors`);
    writeToyboxConcept(file, { token, variant, seed });
    const blob = await studio.uploadFile(file);
    await studio.call('importConcept', { blob, name: `${name}.safetensors` });
  }
  const { concepts } = await studio.call('listConcepts', { search: name });
  const concept = await studio.call('getConcept', { id: concepts[0].id });
  const [semantic, plain] = concept.versionList;
  return { concept, semantic, plain };
}
