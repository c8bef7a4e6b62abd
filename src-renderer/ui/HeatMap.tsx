import { useEffect, useRef } from 'react';
import { classes } from './classes.ts';
import { heatColor, normalise } from './colorMap.ts';

interface HeatMapProps {
  /** Rows from the top, each from the left. */
  map: { width: number; height: number; values: readonly number[] };
  /** What it is the attention of. */
  label: string;
  /** Lies over a picture: where there is little, the picture shows through. */
  overlay?: boolean;
  /** Sharp squares instead of soft clouds. */
  sharp?: boolean;
  className?: string;
}

/** Where there is how much of something, as colours; it fills the element that it is in. */
export function HeatMap({ map, label, overlay = false, sharp = false, className }: HeatMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    context?.putImageData(paintHeat(map, overlay), 0, 0);
  }, [map, overlay]);
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={label}
      width={map.width}
      height={map.height}
      className={classes('block size-full', className)}
      style={{ imageRendering: sharp ? 'pixelated' : 'auto' }}
    />
  );
}

function paintHeat(map: HeatMapProps['map'], overlay: boolean): ImageData {
  const image = new ImageData(map.width, map.height);
  for (const [index, share] of normalise(map.values).entries()) {
    const [red, green, blue] = heatColor(share);
    image.data.set([red, green, blue, overlay ? Math.round(share * 200) : 255], index * 4);
  }
  return image;
}
