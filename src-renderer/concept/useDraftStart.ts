import { useEffect, useState } from 'react';
import type { ConceptDetail } from '../../src-shared/conceptRecord.ts';
import type { ImportedPhoto, TrainingPhoto } from '../../src-shared/photo.ts';
import type { StudioOutput } from '../../src-shared/studioApi.ts';
import { call } from '../studioApi.ts';
import { type ConceptDraft, type DraftPhoto, emptyDraft } from './conceptDraft.ts';
import { middleCrop } from './cropGeometry.ts';
import type { ChangeDraft } from './draftStore.ts';
import { numberedToken } from './tokenNames.ts';

interface DraftStart {
  /** Whether what the address names is on its way: what is entered now would be lost. */
  readonly filling: boolean;
  readonly error?: unknown;
}

/**
 * Fills the draft with what the address says: a sample ("?sample=minka"), or a concept that is trained anew
 * ("?conceptId=...&parentId=...").
 */
export function useDraftStart(search: string, change: ChangeDraft): DraftStart {
  const [start, setStart] = useState<DraftStart & { search: string }>({
    search: '',
    filling: false,
  });
  useEffect(() => {
    let wanted = true;
    draftOfAddress(new URLSearchParams(search)).then(
      (draft) => {
        if (!wanted) return;
        if (draft) change(() => draft);
        setStart({ search, filling: false });
      },
      (error: unknown) => wanted && setStart({ search, filling: false, error }),
    );
    return () => {
      wanted = false;
    };
  }, [search, change]);
  return start.search === search ? start : { filling: true };
}

async function draftOfAddress(given: URLSearchParams): Promise<ConceptDraft | undefined> {
  const sample = given.get('sample');
  if (sample) return draftOfSample(sample);
  const id = given.get('conceptId');
  if (!id) return undefined;
  return draftOfConcept(await call('getConcept', { id }), given.get('parentId'));
}

export type Sample = StudioOutput<'listSamples'>['samples'][number];

async function draftOfSample(name: string): Promise<ConceptDraft> {
  const { samples } = await call('listSamples', {});
  const sample = samples.find((one) => one.name === name);
  if (!sample) throw new Error(`there is no sample called ${name}`);
  return { ...emptyDraft, ...(await sampleWords(sample)), photos: sample.photos.map(wholePhoto) };
}

/** A sample may be there already: then the token gets a number. */
export async function sampleWords({
  name,
  token,
  classWord,
}: Sample): Promise<Pick<ConceptDraft, 'name' | 'token' | 'classWord' | 'tags'>> {
  const { models } = await call('listModels', {});
  const modelId = (models.find(({ builtIn }) => builtIn) ?? models[0])?.id;
  let free = token;
  for (let tries = 0; modelId && tries < 50; tries += 1) {
    if ((await call('checkToken', { token: free, modelId })).free) break;
    free = numberedToken(free);
  }
  const title = name.charAt(0).toUpperCase() + name.slice(1);
  return { name: title, token: free, classWord, tags: ['sample'] };
}

/** A photo of which nothing is known but itself. */
export function wholePhoto(photo: ImportedPhoto): DraftPhoto {
  return draftPhoto({ ...photo, crop: middleCrop(photo), captionSuffix: '' });
}

function draftPhoto(photo: TrainingPhoto): DraftPhoto {
  return { key: photo.blob, name: photo.name, share: 1, photo };
}

function draftOfConcept(concept: ConceptDetail, parentId: string | null): ConceptDraft {
  const { id, name, token, classWord, tags, versionList } = concept;
  const parent = versionList.find((version) => version.id === parentId) ?? versionList[0];
  const { size: _size, ...settings } = parent?.settings ?? { size: undefined, method: undefined };
  return {
    ...emptyDraft,
    ...{ conceptId: id, name, token, classWord, tags, ownToken: true },
    ...(parent && { parentId: parent.id }),
    ...(parent?.modelId && { modelId: parent.modelId }),
    ...(parent?.previewObject && { previewObject: parent.previewObject }),
    photos: (parent?.photos ?? []).map(draftPhoto),
    own: parent?.settings
      ? { ...settings, ...(parent.settings.size && { size: parent.settings.size }) }
      : emptyDraft.own,
  };
}
