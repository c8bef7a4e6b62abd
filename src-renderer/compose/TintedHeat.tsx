import { useEffect, useRef } from 'react';
import type { HeatMap } from '../../src-shared/layout.ts';
import { themeColor } from '../ui/theme.ts';
import { useThemeName } from '../ui/useThemeName.ts';
import { heatMapPixels } from './heatMapPixels.ts';
import { parseHexColour } from './phraseColours.ts';

interface TintedHeatProps {
  map: HeatMap;
  /** A colour's name in the theme. */
  tile: string;
}

/** A cloud of one colour over the element that it is in; words elsewhere say what it means. */
export function TintedHeat({ map, tile }: TintedHeatProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useThemeName();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme decides what the colour's name means
  useEffect(() => {
    const pixels = heatMapPixels(map, parseHexColour(themeColor(tile)));
    const image = new ImageData(pixels, map.width, map.height);
    canvas.current?.getContext('2d')?.putImageData(image, 0, 0);
  }, [map, tile, theme]);
  return (
    <div aria-hidden="true" className="pointer-events-none absolute inset-0 opacity-60">
      <canvas ref={canvas} width={map.width} height={map.height} className="size-full" />
    </div>
  );
}
