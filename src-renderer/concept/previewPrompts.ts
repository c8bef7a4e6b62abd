import { withArticle } from '../../src-shared/article.ts';

/** What the previews of a training are of. @param object what stands beside the concept in the second one, where it is known */
export function previewPrompts(
  token: string,
  classWord: string,
  object?: string,
): { plain: string; composition: string } {
  const concept = `${token} ${classWord}`.trim();
  return {
    plain: `a photo of a ${concept}`,
    composition: `a ${concept} and ${object ? withArticle(object) : 'something else'}`,
  };
}
