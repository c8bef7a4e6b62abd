import type { KeptComposition } from '../../src-shared/composition.ts';
import { phraseTile, tileColour } from '../compose/phraseColours.ts';
import { HeatMap } from '../ui/HeatMap.tsx';
import { Picture } from '../ui/Picture.tsx';
import type { Overlay } from './AttentionPanel.tsx';
import { startDragOut } from './dragOut.ts';

interface ViewerPictureProps {
  composition: KeptComposition;
  overlay: Overlay;
}

/** A picture as large as fits, with what lies over it. It can be dragged out. */
export function ViewerPicture({ composition, overlay }: ViewerPictureProps) {
  const { width, height, picture, settings } = composition;
  const aspect = width / height;
  return (
    <div className="@container-size flex size-full items-center justify-center">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the download button does the same by key */}
      <div
        draggable
        onDragStart={(event) => startDragOut(event, composition)}
        className="relative cursor-grab overflow-hidden rounded-md shadow-raised"
        style={{ width: `min(100cqw, calc(100cqh * ${aspect}))` }}
      >
        <Picture blob={picture} alt={settings.prompt} aspect={aspect}>
          <AttentionOverlay {...{ composition, overlay }} />
          {overlay.boxes && <Boxes composition={composition} />}
        </Picture>
      </div>
    </div>
  );
}

function AttentionOverlay({ composition, overlay: { phrase, moment } }: ViewerPictureProps) {
  const chosen = composition.attention.find((one) => one.phrase === phrase);
  if (!chosen) return null;
  const timed = moment === undefined ? undefined : chosen.overTime.at(moment);
  return (
    <div className="absolute inset-0">
      <HeatMap
        overlay
        // The canvas has the size of the map, which may differ between moments.
        key={moment}
        map={timed?.heatMap ?? chosen.heatMap}
        label={`Attention of ${chosen.phrase}`}
      />
    </div>
  );
}

function Boxes({ composition: { layout } }: Pick<ViewerPictureProps, 'composition'>) {
  return layout?.objects.flatMap(({ phrase, boxes }, index) =>
    boxes.map(([left, top, right, bottom]) => (
      <div
        key={`${phrase} ${left} ${top} ${right} ${bottom}`}
        className="absolute rounded-sm border-2"
        style={{
          left: `${left * 100}%`,
          top: `${top * 100}%`,
          width: `${(right - left) * 100}%`,
          height: `${(bottom - top) * 100}%`,
          borderColor: tileColour(phraseTile(index)),
        }}
      >
        <span
          className="absolute top-0 left-0 max-w-full truncate rounded-br-sm px-1.5 text-xs font-medium text-on-accent"
          style={{ background: tileColour(phraseTile(index)) }}
        >
          {phrase}
        </span>
      </div>
    )),
  );
}
