import { Pause, Play } from 'lucide-react';
import { useEffect, useState } from 'react';
import {
  type ComparisonWay,
  type ComposedPicture,
  comparisonWays,
} from '../../src-shared/composition.ts';
import { IconButton } from '../ui/Button.tsx';
import { HeatMap } from '../ui/HeatMap.tsx';
import { Picture } from '../ui/Picture.tsx';
import { SliderField } from '../ui/SliderField.tsx';
import { attentionAt, attentionSteps, boxesOfPhrase, phrasesInOrder } from './attentionSteps.ts';
import type { Pictures } from './compareStore.ts';
import { NothingYet } from './FourWays.tsx';
import { wayNames } from './ways.ts';

/** Where each word looks, step by step: a row per word, a column per way. */
export function AttentionOverTime({ pictures }: { pictures: Pictures }) {
  const ways = comparisonWays.filter((way) => pictures[way]);
  const all = ways.flatMap((way) => pictures[way] ?? []);
  const steps = attentionSteps(all);
  const [place, setPlace] = useState(Number.POSITIVE_INFINITY);
  const index = Math.min(place, steps.length - 1);
  if (all.length === 0) return <NothingYet />;
  if (steps.length === 0) {
    return (
      <p className="text-sm text-muted">
        No attention was recorded for these pictures: they were composed without a layout.
      </p>
    );
  }
  const phrases = phrasesInOrder(all[0]);
  return (
    <div className="flex flex-col gap-4">
      <Scrubber {...{ steps, index }} onChange={setPlace} />
      <div
        className="grid items-center gap-x-3 gap-y-4"
        style={{ gridTemplateColumns: `repeat(${ways.length}, minmax(0, 1fr))` }}
      >
        {phrases.map((phrase) => (
          <PhraseRow key={phrase} {...{ phrase, ways, pictures }} step={steps[index]} />
        ))}
      </div>
      <p className="text-sm text-muted">
        Bright: where the word's attention lies at this step. Dashed: its box. Early steps decide
        what stands where.
      </p>
    </div>
  );
}

interface ScrubberProps {
  steps: readonly number[];
  index: number;
  onChange: (index: number) => void;
}

/** Milliseconds that a step is shown. */
const pace = 220;

function Scrubber({ steps, index, onChange }: ScrubberProps) {
  const [playing, setPlaying] = useState(false);
  useEffect(() => {
    if (!playing) return;
    const timer = setTimeout(() => {
      if (index >= steps.length - 1) setPlaying(false);
      else onChange(index + 1);
    }, pace);
    return () => clearTimeout(timer);
  }, [playing, index, steps.length, onChange]);
  const toggle = () => {
    if (!playing && index >= steps.length - 1) onChange(0);
    setPlaying(!playing);
  };
  return (
    <div className="flex items-end gap-3">
      <IconButton
        label={playing ? 'Pause' : 'Play the steps'}
        look="secondary"
        icon={playing ? <Pause size={16} /> : <Play size={16} />}
        onClick={toggle}
      />
      <SliderField
        label="Step"
        value={index}
        min={0}
        max={Math.max(steps.length - 1, 1)}
        step={1}
        format={(at) => `${steps[at] + 1} of ${steps[steps.length - 1] + 1}`}
        onChange={(at) => {
          setPlaying(false);
          onChange(at);
        }}
        className="grow"
      />
    </div>
  );
}

interface PhraseRowProps {
  phrase: string;
  ways: readonly ComparisonWay[];
  pictures: Pictures;
  step: number;
}

function PhraseRow({ phrase, ways, pictures, step }: PhraseRowProps) {
  return (
    <>
      <h3 className="col-span-full -mb-2 text-base font-semibold">{phrase}</h3>
      {ways.map((way) => {
        const picture = pictures[way];
        return picture && <Cell key={way} {...{ way, picture, phrase, step }} />;
      })}
    </>
  );
}

interface CellProps {
  way: ComparisonWay;
  picture: ComposedPicture;
  phrase: string;
  step: number;
}

function Cell({ way, picture, phrase, step }: CellProps) {
  const map = attentionAt(picture, phrase, step);
  return (
    <figure className="m-0 flex min-w-0 flex-col gap-1">
      <div className="relative">
        <Picture
          blob={picture.picture}
          alt=""
          aspect={picture.width / picture.height}
          className="rounded-sm border border-line brightness-75 grayscale"
        />
        <div className="absolute inset-0 overflow-hidden rounded-sm">
          {map && <HeatMap map={map} overlay label={`${wayNames[way]}: attention of ${phrase}`} />}
          <svg className="absolute inset-0 size-full" aria-hidden="true">
            {boxesOfPhrase(picture, phrase).map((place) => (
              <rect
                key={`${place.x} ${place.y}`}
                {...place}
                fill="none"
                stroke="#ffffff"
                strokeWidth={2}
                strokeDasharray="6 4"
              />
            ))}
          </svg>
        </div>
      </div>
      <figcaption className="truncate text-sm text-muted">{wayNames[way]}</figcaption>
    </figure>
  );
}
