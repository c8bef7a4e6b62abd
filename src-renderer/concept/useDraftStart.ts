import { useCallback, useEffect, useRef, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import type { ConceptDetail } from '../../src-shared/conceptRecord.ts';
import type { ImportedPhoto, TrainingPhoto } from '../../src-shared/photo.ts';
import type { StudioOutput } from '../../src-shared/studioApi.ts';
import { call } from '../studioApi.ts';
import { routes } from '../ui/routes.ts';
import { type ConceptDraft, type DraftPhoto, emptyDraft } from './conceptDraft.ts';
import { middleCrop } from './cropGeometry.ts';
import { beginDraft, draftStore, isEdited } from './draftStore.ts';
import { numberedToken } from './tokenNames.ts';

interface DraftStart {
  /** Whether what the address names is on its way: what is entered now would be lost. */
  readonly filling: boolean;
  /** Whether it would take the place of what the user has made of the form, and waits for an answer. */
  readonly asking: boolean;
  replace(): void;
  keep(): void;
  readonly error: unknown;
}

/**
 * Fills the draft with what the address says: a sample ("?sample=minka"), or a concept that is trained anew
 * ("?conceptId=...&parentId=..."). Takes it out of the address, so that coming back later finds what the user has made
 * of it.
 */
export function useDraftStart(): DraftStart {
  const search = useSearch();
  const [, navigate] = useLocation();
  const [asked, setAsked] = useState<string>();
  const [filling, setFilling] = useState(false);
  const [error, setError] = useState<unknown>();
  const handled = useRef<string>(undefined);
  const fill = useCallback((address: string) => {
    setFilling(true);
    setError(undefined);
    draftOfAddress(new URLSearchParams(address))
      .then((draft) => draft && beginDraft(draft))
      .catch(setError)
      .finally(() => setFilling(false));
  }, []);
  useEffect(() => {
    if (search === '' || handled.current === search) return;
    handled.current = search;
    navigate(routes.newConcept, { replace: true });
    if (isEdited(draftStore.get())) setAsked(search);
    else fill(search);
  }, [search, navigate, fill]);
  return {
    ...{ filling, error },
    asking: asked !== undefined,
    replace: () => asked !== undefined && fill(asked),
    keep: () => setAsked(undefined),
  };
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
