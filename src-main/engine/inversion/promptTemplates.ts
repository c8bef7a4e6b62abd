import { InputError } from '../../../src-shared/inputError.ts';
import type { Tokenizer } from '../models/tokenizer.ts';
import { placeholderTokens } from './placeholderTokens.ts';

/** Object templates of textual inversion (Gal et al. 2022, arXiv 2208.01618, appendix), after CLIP's for ImageNet. */
export const objectTemplates: readonly string[] = [
  'a photo of a {}',
  'a rendering of a {}',
  'a cropped photo of the {}',
  'the photo of a {}',
  'a photo of a clean {}',
  'a photo of a dirty {}',
  'a dark photo of the {}',
  'a photo of my {}',
  'a photo of the cool {}',
  'a close-up photo of a {}',
  'a bright photo of the {}',
  'a cropped photo of a {}',
  'a photo of the {}',
  'a good photo of the {}',
  'a photo of one {}',
  'a close-up photo of the {}',
  'a rendition of the {}',
  'a photo of the clean {}',
  'a rendition of a {}',
  'a photo of a nice {}',
  'a good photo of a {}',
  'a photo of the nice {}',
  'a photo of the small {}',
  'a photo of the weird {}',
  'a photo of the large {}',
  'a photo of a cool {}',
  'a photo of a small {}',
];

/** Wording of Custom Diffusion's scale augmentation (Kumari et al. 2023, arXiv 2212.04488, section 3.3). */
export const farWordings: readonly string[] = ['a far away', 'very small'];
export const closeWordings: readonly string[] = ['zoomed in', 'close up'];

/** What stands in a template's slot. */
export interface Subject {
  token: string;
  vectors: number;
  /** Follows the placeholders; empty for a style. */
  classWord: string;
}

/**
 * Wordings that fit a photo drawn at `scale` times the side of the training picture; empty where none is needed.
 * Limits of Custom Diffusion's own data set: below 0.6 far, above 1 close.
 */
export function scaleWordings(scale: number): readonly string[] {
  if (scale < 0.6) return farWordings;
  return scale > 1 ? closeWordings : [];
}

/** Templates that say nothing of size or framing, so that a scale wording cannot contradict them. */
export function scaleNeutralTemplates(templates: readonly string[]): string[] {
  return templates.filter((template) => !/close-up|small|large/.test(template));
}

/** "<t> <t>_1 ... class word": every vector is in the prompt. */
export function subjectText({ token, vectors, classWord }: Subject): string {
  return [...placeholderTokens(token, vectors), classWord.trim()].filter(Boolean).join(' ');
}

/**
 * A training prompt. A scale wording takes the place of the template's first article:
 * "a photo of a {}" becomes "a far away photo of a {}". What is said of a photo alone follows at the end.
 */
export function trainingPrompt(
  template: string,
  subject: Subject,
  scaleWording = '',
  captionSuffix = '',
): string {
  const prompt = fillTemplate(prefixWording(template, scaleWording), subjectText(subject));
  return [prompt, captionSuffix.trim()].filter(Boolean).join(' ');
}

/** The prompt of a class image, as prior preservation pairs it with the template. */
export function classPrompt(template: string, classWord: string): string {
  return fillTemplate(template, classWord.trim());
}

function fillTemplate(template: string, text: string): string {
  return template.replaceAll('{}', () => text);
}

function prefixWording(template: string, wording: string): string {
  return wording === '' ? template : `${wording} ${template.replace(/^(an?|the) /, '')}`;
}

/**
 * The token ids of a prompt with `anchorId` in each placeholder's slot: the reference of the one-anchor loss
 * (Zhang et al. 2024, arXiv 2312.08048, as their training scripts compute it). Every other slot is equal in both, so
 * only the placeholders' rows contribute.
 * @param ids [tokens] of the prompt with its placeholders
 * @param placeholderIds ids of the concept's vectors
 */
export function referenceIds(
  ids: readonly number[],
  placeholderIds: readonly number[],
  anchorId: number,
): number[] {
  const slots = new Set(placeholderIds);
  return ids.map((id) => (slots.has(id) ? anchorId : id));
}

/** How a class word reads as tokens. */
export interface ClassWordTokens {
  /** Tokens of the whole class word, as they follow the placeholders in a prompt. */
  ids: number[];
  /** Tokens of its last word; the mean of their rows is the anchor of every placeholder. */
  anchorIds: number[];
  /** What to tell the user when the class word is more than one token. */
  note: string | undefined;
}

/**
 * Tokens of a class word and the ones that its anchor is made of. The released code anchors to the last word of the
 * class ("teddy bear": "bear"); a last word of several tokens is anchored to the mean of their rows, because a
 * placeholder's slot holds one row.
 * @throws InputError when the class word has no tokens.
 */
export function classWordTokens(tokenizer: Tokenizer, classWord: string): ClassWordTokens {
  const ids = tokenizer.idsOfWord(classWord);
  const lastWord = classWord.trim().split(/\s+/u).at(-1) ?? '';
  const anchorIds = tokenizer.idsOfWord(lastWord);
  if (anchorIds.length === 0) {
    throw new InputError(
      `class word "${classWord}" has no tokens; expected a word that says what the concept is, such as "cat"`,
    );
  }
  return { ids, anchorIds, note: describeTokens(classWord, lastWord, ids, anchorIds) };
}

function describeTokens(
  classWord: string,
  lastWord: string,
  ids: readonly number[],
  anchorIds: readonly number[],
): string | undefined {
  if (ids.length === 1) return undefined;
  const anchor =
    anchorIds.length === 1
      ? `"${lastWord}" is the anchor of each vector`
      : `the anchor of each vector is the mean of the ${anchorIds.length} tokens of "${lastWord}"`;
  return `class word "${classWord}" is ${ids.length} tokens: all of them follow the placeholder in every prompt, ${anchor}`;
}
