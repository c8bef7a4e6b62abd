import { withArticle } from './article.ts';
import { type Layout, parseLayout } from './layout.ts';

/**
 * The case that shows on the built-in model what the method does: the command line's demo makes it, and the studio's
 * tour leads to it. Chosen after looking at several (docs/results.md).
 */
export const demo = {
  /** Name of a sample concept. */
  sample: 'bruno',
  /** What stands beside it in the picture. */
  object: 'spaceship',
  seed: 1,
  /**
   * As hard as the released scripts train, in short: three vectors and steps as large as the words themselves. It
   * learns the looks of a thing, and without anchors it overfits. Toybox's words are longer than Stable Diffusion's, so
   * that anchors of the released weight hold them too tightly (docs/results.md has the trials).
   */
  training: { vectors: 3, batch: 2, steps: 300, learningRate: 0.05, anchorWeight: 0.6 },
  sampling: { sampler: 'dpmpp2m', steps: 25, guidance: 7.5 },
} as const;

interface Named {
  readonly token: string;
  readonly classWord: string;
}

/** "a <bruno> dog and a bird" */
export function demoPrompt({ token, classWord }: Named, object: string): string {
  return `a ${token} ${classWord} and ${withArticle(object)}`;
}

/** The concept on the left, the other thing on the right. */
export function demoLayout({ token, classWord }: Named, object: string): Layout {
  return parseLayout({
    objects: [
      { phrase: `${token} ${classWord}`, boxes: [[0.04, 0.3, 0.5, 0.95]] },
      { phrase: object, boxes: [[0.54, 0.35, 0.97, 0.93]] },
    ],
  });
}
