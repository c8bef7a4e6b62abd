import type { ConceptVersion } from '../../src-shared/conceptRecord.ts';
import { describeAnchors, survivingAnchors } from './anchorWords.ts';
import { variantWords } from './methodWords.ts';

/** Which words still hold the concept, as bars, read aloud as a sentence; without any, how it was trained instead. */
export function AnchorBars({ anchors, variant }: Pick<ConceptVersion, 'anchors' | 'variant'>) {
  const surviving = survivingAnchors(anchors);
  if (surviving.length === 0) {
    return <p className="text-sm text-muted">{variantWords[variant].sentence}</p>;
  }
  const most = surviving[0]?.share ?? 1;
  return (
    <div className="flex flex-col gap-3">
      <p className="sr-only">{describeAnchors(surviving.slice(0, 8))}</p>
      <ul aria-hidden="true" className="m-0 flex list-none flex-col gap-1.5 p-0 text-sm">
        {surviving.slice(0, 8).map(({ word, share }) => (
          <li key={word} className="grid grid-cols-[6rem_1fr_2.5rem] items-center gap-3">
            <span className="truncate">{word}</span>
            <span className="h-2 overflow-hidden rounded-full bg-line">
              <span
                className="block h-full rounded-full bg-accent"
                style={{ width: `${(100 * share) / most}%` }}
              />
            </span>
            <span className="text-right text-muted">{share.toFixed(2)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
