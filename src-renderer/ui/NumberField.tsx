import { useEffect, useState } from 'react';
import { classes } from './classes.ts';
import { Field, type FieldWords, inputClasses } from './Field.tsx';

interface NumberFieldProps extends FieldWords {
  value: number | undefined;
  /** Called with every number that is written; undefined where the box is empty. */
  onChange: (value: number | undefined) => void;
  min?: number;
  max?: number;
  step?: number | 'any';
  /** Shown while nothing is entered: what is taken then. */
  placeholder?: string;
  unit?: string;
  disabled?: boolean;
}

/** A number; while it is written it may be unfinished ("0."), so the text is kept beside the value. */
export function NumberField(props: NumberFieldProps) {
  const { label, hint, error, hideLabel, className, value, onChange, unit, ...rest } = props;
  const [text, setText] = useState(textOf(value));
  useEffect(() => {
    setText((current) => (numberOf(current) === value ? current : textOf(value)));
  }, [value]);
  return (
    <Field {...{ label, hint, error, hideLabel, className }}>
      {(ids) => (
        <div className="relative">
          <input
            type="number"
            inputMode="decimal"
            {...rest}
            {...ids}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              onChange(numberOf(event.target.value));
            }}
            className={classes(inputClasses, 'h-9', unit && 'pr-12')}
          />
          {unit && (
            <span className="pointer-events-none absolute inset-y-0 right-7 flex items-center text-sm text-muted">
              {unit}
            </span>
          )}
        </div>
      )}
    </Field>
  );
}

function textOf(value: number | undefined): string {
  return value === undefined ? '' : String(value);
}

function numberOf(text: string): number | undefined {
  const value = Number(text);
  return text.trim() === '' || !Number.isFinite(value) ? undefined : value;
}
