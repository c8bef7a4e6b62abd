import type { ConceptDescription } from '../../../src-shared/concept.ts';
import { InputError } from '../../../src-shared/inputError.ts';

/** Words between two things that stand beside each other. */
const between = /,|;|\band\b|\bbeside\b|\bnext to\b|\bnear\b|\bwith\b/iu;
/** What follows is a scene, a medium or a material: no thing with a place of its own. */
const sceneBegin = /\b(?:on|in|at|under|over|behind|before|during|against|of|from|by)\b/iu;
/** What describes the picture, not a thing in it. */
const medium =
  /^.*\b(?:photo|photograph|picture|image|painting|drawing|rendering|sketch)\b(?:\s+of\b|\s*$)/iu;
const articles = /^(?:an?|the|my|one|two|some)\s+/iu;

type Named = Pick<ConceptDescription, 'token' | 'classWord'>;

/**
 * The things that a prompt names: each concept, with its class word where that follows, and the last word of every
 * other part. A guess for automatic layouts, told to the user, who can name them instead.
 *
 * @throws InputError when nothing is found
 */
export function guessObjects(prompt: string, concepts: readonly Named[]): string[] {
  const found = prompt
    .split(between)
    .map((part) => objectOf(part.replace(medium, ''), concepts))
    .filter((object) => object !== '');
  if (found.length > 0) return found;
  throw new InputError(
    `the prompt "${prompt}" names no thing that a layout could place; name them with --objects`,
  );
}

function objectOf(part: string, concepts: readonly Named[]): string {
  const concept = concepts.find(({ token }) => part.includes(token));
  if (concept) return withClassWord(part, concept);
  const [thing] = part.trim().replace(articles, '').split(sceneBegin);
  return thing.trim().split(/\s+/u).at(-1) ?? '';
}

function withClassWord(part: string, { token, classWord }: Named): string {
  const both = `${token} ${classWord}`;
  return classWord !== '' && part.includes(both) ? both : token;
}
