import { forwardRef, type InputHTMLAttributes, type ReactNode } from 'react';
import { classes } from './classes.ts';
import { Field, type FieldWords, inputClasses } from './Field.tsx';

interface TextFieldProps
  extends FieldWords,
    Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value' | 'className'> {
  value: string;
  onChange: (value: string) => void;
  /** An icon inside, at the left. */
  icon?: ReactNode;
  mono?: boolean;
}

/** A line of text. */
export const TextField = forwardRef<HTMLInputElement, TextFieldProps>(function TextField(
  { label, hint, error, hideLabel, className, value, onChange, icon, mono, ...rest },
  ref,
) {
  return (
    <Field {...{ label, hint, error, hideLabel, className }}>
      {(ids) => (
        <div className="relative">
          {icon && (
            <span className="pointer-events-none absolute inset-y-0 left-3 flex items-center text-muted">
              {icon}
            </span>
          )}
          <input
            type="text"
            autoComplete="off"
            spellCheck={false}
            {...rest}
            {...ids}
            ref={ref}
            value={value}
            onChange={(event) => onChange(event.target.value)}
            className={classes(
              inputClasses,
              'h-9',
              icon !== undefined && 'pl-9',
              mono && 'font-mono',
            )}
          />
        </div>
      )}
    </Field>
  );
});
