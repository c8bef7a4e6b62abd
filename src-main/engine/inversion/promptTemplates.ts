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
