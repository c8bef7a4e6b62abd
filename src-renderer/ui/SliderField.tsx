import { Slider } from 'radix-ui';
import { useId } from 'react';
import { classes } from './classes.ts';
import type { FieldWords } from './Field.tsx';
import { formatNumber } from './format.ts';

interface SliderFieldProps extends Omit<FieldWords, 'error'> {
  value: number;
  onChange: (value: number) => void;
  /** Once, when the thumb is let go. */
  onCommit?: (value: number) => void;
  min: number;
  max: number;
  step?: number;
  /** The value in words, at the right of the label. */
  format?: (value: number) => string;
  disabled?: boolean;
}

/** A number on a track. */
export function SliderField(props: SliderFieldProps) {
  const { label, hint, hideLabel, className, value, onChange, onCommit, format, ...rest } = props;
  const id = useId();
  const text = (format ?? formatNumber)(value);
  return (
    <div className={classes('flex min-w-0 flex-col gap-1.5', className)}>
      <div className={hideLabel ? 'sr-only' : 'flex items-baseline justify-between gap-3 text-sm'}>
        <span id={id} className="font-medium">
          {label}
        </span>
        <span className="text-muted">{text}</span>
      </div>
      <Slider.Root
        {...rest}
        value={[value]}
        onValueChange={([next]) => next !== undefined && onChange(next)}
        onValueCommit={([next]) => next !== undefined && onCommit?.(next)}
        className="relative flex h-5 w-full touch-none items-center select-none data-disabled:opacity-50"
      >
        <Slider.Track className="relative h-1.5 grow rounded-full bg-line">
          <Slider.Range className="absolute h-full rounded-full bg-accent" />
        </Slider.Track>
        <Slider.Thumb
          aria-labelledby={id}
          aria-valuetext={text}
          className="block size-4 rounded-full border-2 border-accent bg-raised shadow-raised"
        />
      </Slider.Root>
      {hint && <p className="text-xs text-muted">{hint}</p>}
    </div>
  );
}
