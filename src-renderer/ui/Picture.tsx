import { type CSSProperties, type ReactNode, useState } from 'react';
import type { BlobHash } from '../../src-shared/ids.ts';
import { blobUrl } from '../studioApi.ts';
import { classes } from './classes.ts';

interface PictureProps {
  /** A file of the library, or an address of the page's own. */
  blob?: BlobHash;
  src?: string;
  /** What is to be seen; empty for pictures that words beside them describe. */
  alt: string;
  /** Width over height of the frame; the picture fits into it. */
  aspect?: number;
  fit?: 'contain' | 'cover';
  /** Side in pixels up to which a picture is shown as sharp squares instead of a blur. */
  pixelatedUpTo?: number;
  className?: string;
  style?: CSSProperties;
  /** Over the picture: badges, buttons. */
  children?: ReactNode;
}

/** A picture in a frame whose size does not depend on it, so that nothing moves when it arrives. */
export function Picture(props: PictureProps) {
  const {
    blob,
    src,
    alt,
    aspect = 1,
    fit = 'cover',
    pixelatedUpTo = 128,
    className,
    style,
  } = props;
  const [natural, setNatural] = useState(Number.POSITIVE_INFINITY);
  const [missing, setMissing] = useState<string>();
  const address = src ?? (blob ? blobUrl(blob) : undefined);
  return (
    <div
      className={classes('relative overflow-hidden bg-sunken', className)}
      style={{ aspectRatio: String(aspect), ...style }}
    >
      {address && address !== missing && (
        <img
          src={address}
          alt={alt}
          draggable={false}
          decoding="async"
          onError={() => setMissing(address)}
          onLoad={(event) => setNatural(longerSide(event.currentTarget))}
          className={classes(
            'absolute inset-0 size-full',
            fit === 'cover' ? 'object-cover' : 'object-contain',
          )}
          style={{ imageRendering: natural <= pixelatedUpTo ? 'pixelated' : undefined }}
        />
      )}
      {props.children}
    </div>
  );
}

function longerSide({ naturalWidth, naturalHeight }: HTMLImageElement): number {
  return Math.max(naturalWidth, naturalHeight);
}
