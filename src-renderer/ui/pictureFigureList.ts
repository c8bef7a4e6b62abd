import type { ComposedPicture } from '../../src-shared/composition.ts';
import type { ConceptDrift } from '../../src-shared/concept.ts';
import { readDrift } from './driftWords.ts';

/** A figure of a picture in words that need no paper. */
export interface PictureFigure {
  readonly label: string;
  /** What it means and which way is better. */
  readonly meaning: string;
  readonly value: string;
}

type Measured = Pick<ComposedPicture, 'attention' | 'drifts' | 'evaluation'>;

/** What is known of a picture; nothing where it is not there. */
export function figuresOf(picture: Measured | undefined): PictureFigure[] {
  if (!picture) return [];
  return [...evaluationFigures(picture), ...attentionFigures(picture), ...driftFigures(picture)];
}

function evaluationFigures({ evaluation }: Measured): PictureFigure[] {
  const { textAlignment, imageAlignment, finds } = evaluation ?? {};
  const figures: PictureFigure[] = [];
  if (textAlignment !== undefined) {
    figures.push({
      label: 'Shows the prompt',
      meaning:
        'Text alignment: how alike CLIP finds picture and prompt, with class words in the places of concepts. Cosine, higher is better.',
      value: textAlignment.toFixed(3),
    });
  }
  if (imageAlignment !== undefined) {
    figures.push({
      label: 'Looks like the photos',
      meaning:
        'Image alignment: how alike CLIP finds picture and photos of the concept, on average. Cosine, higher is better, but a copy of a photo scores best.',
      value: imageAlignment.toFixed(3),
    });
  }
  if (finds) {
    figures.push({
      label: 'Things found',
      meaning:
        'What a detector finds in the picture, and how sure it is. Everything that the prompt names should be there.',
      value:
        finds.map(({ className, score }) => `${className} ${percent(score)}`).join(', ') || 'none',
    });
  }
  return figures;
}

function attentionFigures({ attention }: Measured): PictureFigure[] {
  if (attention.length === 0) return [];
  return [
    {
      label: 'Attention inside',
      meaning:
        'How much of the attention of each word lies inside its box, over the second half of the steps. Higher is better.',
      value: attention.map(({ phrase, inside }) => `${phrase} ${percent(inside)}`).join(', '),
    },
  ];
}

function driftFigures({ drifts }: Measured): PictureFigure[] {
  const known = drifts.flatMap(({ token, drift }) => (drift ? [{ token, drift }] : []));
  if (known.length === 0) return [];
  return [
    {
      label: 'Drift',
      meaning:
        'How far training took the concept from its class word: the cosine of the two (1 is the class word itself), and its length in mean lengths of the words that the model knows. A long word far from its class takes pictures over.',
      value: known.map(({ token, drift }) => `${token} ${driftFigure(drift)}`).join(', '),
    },
  ];
}

function driftFigure(drift: ConceptDrift): string {
  const { cosine, length, short } = readDrift(drift);
  return `${short} (${cosine === undefined ? '' : `${cosine}, `}${length}\u00a0× long)`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)}\u00a0%`;
}
