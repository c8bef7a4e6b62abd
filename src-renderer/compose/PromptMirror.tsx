import { type ReactNode, type RefObject, useLayoutEffect, useRef, useState } from 'react';
import { classes } from '../ui/classes.ts';
import type { PromptPiece } from './promptPieces.ts';

interface PromptMirrorProps {
  pieces: readonly PromptPiece[];
  /** Place of the text under which the children are shown. */
  caretMark: number | undefined;
  children: ReactNode;
}

/**
 * Lies under the text field, letter for letter the same: it paints the chips and underlines what the model does not see.
 * Its own letters are invisible.
 */
export function PromptMirror({ pieces, caretMark, children }: PromptMirrorProps) {
  const mark = useRef<HTMLSpanElement>(null);
  const [place, setPlace] = useState({ left: 0, top: 0 });
  useLayoutEffect(() => {
    const element = mark.current;
    if (!element || caretMark === undefined) return;
    setPlace({ left: element.offsetLeft, top: element.offsetTop + element.offsetHeight + 4 });
  }, [caretMark]);
  return (
    <>
      <div
        aria-hidden="true"
        className="pointer-events-none absolute inset-0 border border-transparent px-3 py-2 text-base break-words whitespace-pre-wrap text-transparent select-none"
      >
        {pieces.map((piece) => (
          <Piece key={piece.start} piece={piece} caretMark={caretMark} mark={mark} />
        ))}
      </div>
      <div
        className="absolute z-30 w-72 max-w-full"
        style={{ top: place.top, left: `max(0px, min(${place.left}px, 100% - 18rem))` }}
      >
        {children}
      </div>
    </>
  );
}

interface PieceProps {
  piece: PromptPiece;
  caretMark: number | undefined;
  mark: RefObject<HTMLSpanElement | null>;
}

function Piece({ piece: { kind, text, start, beyond }, caretMark, mark }: PieceProps) {
  const at = caretMark === undefined ? -1 : caretMark - start;
  const isHere = at >= 0 && at < text.length;
  return (
    <span
      className={classes(
        kind === 'chip' && !beyond && 'rounded-sm bg-accent-soft ring-1 ring-accent/50',
        kind === 'chip' && beyond && 'rounded-sm ring-1 ring-danger/60',
        beyond &&
          'bg-danger-soft underline decoration-danger decoration-wavy decoration-from-font underline-offset-2',
      )}
    >
      {isHere ? (
        <>
          {text.slice(0, at)}
          <span ref={mark}>{text[at]}</span>
          {text.slice(at + 1)}
        </>
      ) : (
        text
      )}
    </span>
  );
}
