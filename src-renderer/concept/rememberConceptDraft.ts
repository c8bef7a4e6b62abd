import * as z from 'zod';
import { trainingMethods } from '../../src-shared/concept.ts';
import { rowId } from '../../src-shared/ids.ts';
import { squareCrop, trainingPhoto } from '../../src-shared/photo.ts';
import { recall, remember } from '../ui/windowMemory.ts';
import { type ConceptDraft, withoutUnread } from './conceptDraft.ts';
import { draftStore } from './draftStore.ts';
import { presets, type SettingsInput } from './presets.ts';

/** A reload of the window, on purpose or by accident, must not cost the concept that is being described. */

const rememberedPhoto = z.object({
  key: z.string(),
  name: z.string(),
  share: z.number(),
  photo: trainingPhoto.optional(),
  suggestedCrop: squareCrop.optional(),
  reason: z.string().optional(),
});

/** Fields that are still wrong are remembered as they are: the form says what is wrong with them. */
const rememberedDraft = z.object({
  conceptId: rowId.optional(),
  parentId: rowId.optional(),
  name: z.string(),
  token: z.string(),
  ownToken: z.boolean(),
  classWord: z.string(),
  tags: z.array(z.string()),
  photos: z.array(rememberedPhoto),
  modelId: rowId.optional(),
  preset: z.enum(presets),
  own: z.looseObject({ method: z.enum(trainingMethods).optional() }),
  bothWays: z.boolean(),
  previewEvery: z.number().optional(),
  previewMinutes: z.number().optional(),
  previewObject: z.string(),
});

const rememberedState = z.object({ draft: rememberedDraft, begun: rememberedDraft });

const key = 'tessera.concept';

/** Goes on from what the window held before it was loaded anew, and remembers what comes. */
export function rememberConceptDraft(): void {
  const found = recall(key, rememberedState);
  if (found) draftStore.set({ draft: recalled(found.draft), begun: recalled(found.begun) });
  draftStore.subscribe(() => remember(key, draftStore.get()));
}

/** The files themselves went with the page. */
function recalled({ own, ...draft }: z.infer<typeof rememberedDraft>): ConceptDraft {
  return withoutUnread({ ...draft, own: own as SettingsInput });
}
