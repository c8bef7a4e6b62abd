import type { ComposedPicture } from '../../src-shared/composition.ts';
import type { ConceptDrift } from '../../src-shared/concept.ts';
import { readDrift } from './driftWords.ts';

/** A figure of a picture in words that need no paper. */
export interface PictureFigure {
  readonly label: string;
  /** What it means and which way is better. */
  readonly meaning: string;
  readonly value: string;
  /** The value as bars, one for each thing that was measured; none where a bar would say nothing. */
  readonly bars: readonly FigureBar[];
}

export interface FigureBar {
  /** What it is of, where the figure has several. */
  readonly name?: string;
  /** Its length, 0 to 1. */
  readonly share: number;
  readonly text: string;
}

export type Measured = Pick<ComposedPicture, 'attention' | 'drifts' | 'evaluation'>;

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
      ...single(textAlignment),
    });
  }
  if (imageAlignment !== undefined) {
    figures.push({
      label: 'Looks like the photos',
      meaning:
        'Image alignment: how alike CLIP finds picture and photos of the concept, on average. Cosine, higher is better, but a copy of a photo scores best.',
      ...single(imageAlignment),
    });
  }
  if (finds) {
    figures.push({
      label: 'Things found',
      meaning:
        'What a detector finds in the picture, and how sure it is. Everything that the prompt names should be there.',
      ...several(finds.map(({ className, score }) => ({ name: className, share: score }))),
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
      ...several(attention.map(({ phrase, inside }) => ({ name: phrase, share: inside }))),
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
        'How long training made the word of the concept: its length in those of the model’s average word. A long word pushes other things out of pictures.',
      value: known.map(({ token, drift }) => `${token} ${driftFigure(drift)}`).join(', '),
      bars: [],
    },
  ];
}

function single(cosine: number): Pick<PictureFigure, 'value' | 'bars'> {
  const text = cosine.toFixed(3);
  return { value: text, bars: [{ share: Math.min(1, Math.max(0, cosine)), text }] };
}

function several(
  parts: readonly { readonly name: string; readonly share: number }[],
): Pick<PictureFigure, 'value' | 'bars'> {
  const bars = parts.map(({ name, share }) => ({ name, share, text: percent(share) }));
  return { value: bars.map(({ name, text }) => `${name} ${text}`).join(', ') || 'none', bars };
}

/** Whether a bar is the longest of its figure among the pictures of a comparison. */
export function isLongest(
  label: string,
  { name, share }: FigureBar,
  pictures: readonly Measured[],
): boolean {
  const others = pictures.flatMap((picture) =>
    figuresOf(picture)
      .filter((figure) => figure.label === label)
      .flatMap(({ bars }) => bars.filter((bar) => bar.name === name)),
  );
  return others.length < 2 || others.every((other) => other.share <= share);
}

function driftFigure(drift: ConceptDrift): string {
  const { verdict, length } = readDrift(drift);
  return `${verdict} (${length} as long)`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)}\u00a0%`;
}
