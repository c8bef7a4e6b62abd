import type { KeptComposition } from '../../src-shared/composition.ts';
import { phraseTile, tileColour } from '../compose/phraseColours.ts';
import { classes } from '../ui/classes.ts';
import { SliderField } from '../ui/SliderField.tsx';
import { Switch } from '../ui/Switch.tsx';

/** What lies over the picture. */
export interface Overlay {
  /** Whose attention; absent for nobody's. */
  readonly phrase?: string;
  /** Place in its attention over time; absent for the mean of the later steps. */
  readonly moment?: number;
  readonly boxes: boolean;
}

interface AttentionPanelProps {
  composition: KeptComposition;
  overlay: Overlay;
  onChange: (overlay: Overlay) => void;
}

/** Chooses what lies over the picture: boxes, and the attention of one phrase, on the whole or at one step. */
export function AttentionPanel({ composition, overlay, onChange }: AttentionPanelProps) {
  const { attention, layout } = composition;
  if (attention.length === 0 && !layout) return null;
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-sm font-medium">Attention</h3>
      {layout && (
        <Switch
          label="Boxes of the layout"
          checked={overlay.boxes}
          onChange={(boxes) => onChange({ ...overlay, boxes })}
        />
      )}
      {attention.map(({ phrase, inside }, index) => (
        <PhraseButton
          key={phrase}
          {...{ phrase, inside, index }}
          pressed={overlay.phrase === phrase}
          onToggle={() =>
            onChange({
              boxes: overlay.boxes,
              ...(overlay.phrase !== phrase && { phrase }),
            })
          }
        />
      ))}
      <MomentSlider {...{ composition, overlay, onChange }} />
    </section>
  );
}

interface PhraseButtonProps {
  phrase: string;
  inside: number;
  index: number;
  pressed: boolean;
  onToggle: () => void;
}

function PhraseButton({ phrase, inside, index, pressed, onToggle }: PhraseButtonProps) {
  return (
    <button
      type="button"
      aria-pressed={pressed}
      onClick={onToggle}
      className={classes(
        'flex items-center gap-2.5 rounded-md border px-3 py-1.5 text-left transition-colors',
        pressed ? 'border-accent bg-accent-soft' : 'border-edge hover:border-muted',
      )}
    >
      <span
        aria-hidden="true"
        className="size-3 shrink-0 rounded-sm"
        style={{ background: tileColour(phraseTile(index)) }}
      />
      <span className="min-w-0 grow truncate">{phrase}</span>
      <span className="shrink-0 text-xs text-muted">
        {Math.round(inside * 100)} % inside its boxes
      </span>
    </button>
  );
}

/** Keeps its place while no phrase is chosen, so that nothing moves. */
function MomentSlider({ composition, overlay, onChange }: AttentionPanelProps) {
  const timed = composition.attention.some(({ overTime }) => overTime.length > 0);
  if (!timed) return null;
  const chosen = composition.attention.find(({ phrase }) => phrase === overlay.phrase);
  const moments = chosen?.overTime ?? [];
  const last = moments.length;
  return (
    <SliderField
      label="When"
      min={0}
      max={Math.max(1, last)}
      disabled={last === 0}
      value={overlay.moment ?? Math.max(1, last)}
      onChange={(moment) => {
        const { moment: _, ...rest } = overlay;
        onChange(moment >= last ? rest : { ...rest, moment });
      }}
      format={(place) => {
        const step = moments.at(place)?.step;
        return place >= last || step === undefined ? 'mean of the later steps' : `step ${step + 1}`;
      }}
    />
  );
}
