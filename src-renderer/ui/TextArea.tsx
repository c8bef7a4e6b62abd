import { forwardRef, type TextareaHTMLAttributes } from 'react';
import { classes } from './classes.ts';
import { Field, type FieldWords, inputClasses } from './Field.tsx';

interface TextAreaProps
  extends FieldWords,
    Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'onChange' | 'value' | 'className'> {
  value: string;
  onChange: (value: string) => void;
}

/** Several lines of text; grows with what is written, up to twelve lines. */
export const TextArea = forwardRef<HTMLTextAreaElement, TextAreaProps>(function TextArea(
  { label, hint, error, hideLabel, className, value, onChange, rows = 3, ...rest },
  ref,
) {
  return (
    <Field {...{ label, hint, error, hideLabel, className }}>
      {(ids) => (
        <textarea
          {...rest}
          {...ids}
          ref={ref}
          rows={rows}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className={classes(inputClasses, 'field-sizing-content max-h-72 resize-y py-2')}
          style={{ minHeight: `${rows * 1.3125 + 1.125}rem` }}
        />
      )}
    </Field>
  );
});
