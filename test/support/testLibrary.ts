import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { NewComposition } from '../../src-main/library/compositionRepository.ts';
import type { NewVersion } from '../../src-main/library/conceptVersions.ts';
import { type Library, openLibrary } from '../../src-main/library/library.ts';
import type { NewModel } from '../../src-main/library/modelRepository.ts';
import { compositionSettings } from '../../src-shared/composition.ts';
import type { ConceptSummary } from '../../src-shared/conceptRecord.ts';
import type { BlobHash } from '../../src-shared/ids.ts';
import type { TrainingPhoto } from '../../src-shared/photo.ts';
import { type StudioInput, type StudioRequest, studioApi } from '../../src-shared/studioApi.ts';

/** Libraries of a test file: each in a folder of its own, closed and removed after the test. */
export function testLibraries() {
  const opened: Library[] = [];
  const folders: string[] = [];
  const closeAll = () => {
    for (const library of opened.splice(0)) library.close();
  };
  afterEach(() => {
    closeAll();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  const newFolder = () => {
    const folder = mkdtempSync(join(tmpdir(), 'tessera-library-'));
    folders.push(folder);
    return folder;
  };
  const open = (folder = newFolder()) => {
    const library = openLibrary(folder);
    opened.push(library);
    return library;
  };
  return { open, newFolder, closeAll };
}

/** The file with this text. */
export function putText(library: Library, text: string): Promise<BlobHash> {
  return library.blobs.put(new TextEncoder().encode(text));
}

export function conceptQuery(query: StudioInput<'listConcepts'> = {}) {
  return studioApi.listConcepts.input.parse(query);
}

export function compositionQuery(query: StudioInput<'listCompositions'> = {}) {
  return studioApi.listCompositions.input.parse(query);
}

export function createConcept(library: Library, name: string): ConceptSummary {
  return library.concepts.create({ name, token: `<${name}>`, classWord: 'cat' });
}

/** A photo with a mask; its files have the name in them. */
export async function photoNamed(library: Library, name: string): Promise<TrainingPhoto> {
  return {
    name,
    blob: await putText(library, `photo ${name}`),
    thumbnail: await putText(library, `thumbnail ${name}`),
    mask: await putText(library, `mask ${name}`),
    width: 640,
    height: 480,
    crop: { left: 80, top: 0, side: 480 },
    captionSuffix: 'on a sofa',
  };
}

/** A version with two photos, two previews and a path; `tag` makes its files its own. */
export async function versionNamed(library: Library, tag: string): Promise<NewVersion> {
  const preview = async (step: number) => ({
    step,
    plain: await putText(library, `plain ${tag} ${step}`),
    composition: await putText(library, `composition ${tag} ${step}`),
    concept: await putText(library, `snapshot ${tag} ${step}`),
  });
  return {
    variant: 'semantic',
    method: 'textual-inversion',
    file: await putText(library, `concept ${tag}`),
    modelName: 'Toybox',
    family: 'sd1',
    settings: studioApi.startTraining.input.shape.settings.parse({ steps: 200 }),
    engineVersion: '0.1.0',
    vectors: 1,
    steps: 200,
    loss: 0.25,
    drift: { normRatio: 1.5, classCosine: 0.5, percentile: 40 },
    anchors: [{ word: 'cat', share: 1 }],
    seconds: 20,
    history: { step: [1, 2], figures: { loss: [1, 0.5], drift: [null, 40] } },
    previews: [await preview(100), await preview(200)],
    photos: [await photoNamed(library, `${tag}-1`), await photoNamed(library, `${tag}-2`)],
    cover: await putText(library, `cover ${tag}`),
    path: [
      { step: 0, rows: Float32Array.of(1, 2, 3) },
      { step: 200, rows: Float32Array.of(4, 5, 6) },
    ],
  };
}

/** A composed picture; `tag` makes its files its own. */
export async function compositionNamed(
  library: Library,
  tag: string,
  settings: Partial<StudioRequest<'composePreview'>['settings']> = {},
): Promise<NewComposition> {
  const heatMap = { height: 1, width: 2, values: [0.25, 0.75] };
  const layout = { objects: [{ phrase: 'cat', boxes: [[0, 0, 0.5, 1]] }] };
  return {
    picture: {
      picture: await putText(library, `picture ${tag}`),
      width: 64,
      height: 64,
      settings: {
        ...compositionSettings.parse({ prompt: `a ${tag} cat`, modelId: crypto.randomUUID() }),
        ...settings,
      },
      layout: studioApi.suggestLayout.output.shape.layout.parse(layout),
      attention: [{ phrase: 'cat', inside: 0.75, heatMap, overTime: [{ step: 0, heatMap }] }],
      drifts: [{ token: '<my-cat>', drift: { normRatio: 1, percentile: 3 } }],
      evaluation: { textAlignment: 0.3 },
      seconds: 1.5,
    },
    thumbnail: await putText(library, `small ${tag}`),
    modelName: 'Toybox',
  };
}

export function modelAt(path: string): NewModel {
  return {
    name: 'Toybox',
    path,
    kind: 'diffusers folder',
    builtIn: false,
    fingerprint: { bytes: 1000, modifiedAt: 123.5 },
    inspection: {
      ...{ family: 'sd1', bytes: 1000, parameters: 250, dtypes: { F32: 250 }, details: [] },
      ...{ nativeSize: 64, sizeStep: 8, judged: true },
    },
  };
}
