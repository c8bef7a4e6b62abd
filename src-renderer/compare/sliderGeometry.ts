/** The line between two pictures that lie on each other: where it stands, as a share of their width from the left. */

export const middleShare = 0.5;

/** @param edges the pictures' left and right edges, in the pointer's units */
export function shareAt(
  pointerX: number,
  edges: { readonly left: number; readonly right: number },
) {
  const width = edges.right - edges.left;
  return width > 0 ? clamp01((pointerX - edges.left) / width) : middleShare;
}

/** Where the line goes by a key; undefined for keys that do not move it. */
export function shareAfterKey(share: number, key: string, large: boolean): number | undefined {
  const step = large ? 0.1 : 0.01;
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return rounded(share - step);
    case 'ArrowRight':
    case 'ArrowUp':
      return rounded(share + step);
    case 'PageDown':
      return rounded(share - 0.1);
    case 'PageUp':
      return rounded(share + 0.1);
    case 'Home':
      return 0;
    case 'End':
      return 1;
    default:
      return undefined;
  }
}

/** CSS clip of the upper picture, which shows right of the line. */
export function clipOf(share: number): string {
  return `inset(0 0 0 ${(share * 100).toFixed(2)}%)`;
}

function rounded(share: number): number {
  return clamp01(Math.round(share * 1000) / 1000);
}

function clamp01(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}
