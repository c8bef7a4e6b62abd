import { Check, ChevronDown } from 'lucide-react';
import { Select } from 'radix-ui';
import type { ReactNode } from 'react';
import { contentNonce } from '../contentNonce.ts';
import { classes } from './classes.ts';
import { Field, type FieldWords, inputClasses } from './Field.tsx';

export interface Option<Value extends string> {
  value: Value;
  label: ReactNode;
  /** A second, smaller line. */
  detail?: string;
  disabled?: boolean;
}

interface SelectFieldProps<Value extends string> extends FieldWords {
  value: Value | undefined;
  options: readonly Option<Value>[];
  onChange: (value: Value) => void;
  placeholder?: string;
  disabled?: boolean;
}

/** One of several, from a list that opens. Values must not be empty texts. */
export function SelectField<Value extends string>(props: SelectFieldProps<Value>) {
  const { label, hint, error, hideLabel, className, value, options, onChange, ...rest } = props;
  return (
    <Field {...{ label, hint, error, hideLabel, className }}>
      {(ids) => (
        <Select.Root
          value={value ?? ''}
          onValueChange={(next) => onChange(next as Value)}
          disabled={rest.disabled}
        >
          <Select.Trigger
            {...ids}
            aria-label={hideLabel && typeof label === 'string' ? label : undefined}
            className={classes(
              inputClasses,
              'flex h-9 items-center justify-between gap-2 text-left',
            )}
          >
            <span className="truncate">
              <Select.Value placeholder={rest.placeholder ?? 'Choose'} />
            </span>
            <ChevronDown size={16} aria-hidden="true" className="shrink-0 text-muted" />
          </Select.Trigger>
          <Options options={options} />
        </Select.Root>
      )}
    </Field>
  );
}

function Options<Value extends string>({ options }: { options: readonly Option<Value>[] }) {
  return (
    <Select.Portal>
      <Select.Content
        position="popper"
        sideOffset={4}
        collisionPadding={8}
        className="z-50 max-h-(--radix-select-content-available-height) min-w-(--radix-select-trigger-width) overflow-hidden rounded-md border border-line bg-raised shadow-floating"
      >
        <Select.Viewport className="p-1" nonce={contentNonce}>
          {options.map(({ value, label, detail, disabled }) => (
            <Select.Item
              key={value}
              value={value}
              disabled={disabled}
              className="flex cursor-default items-start gap-2 rounded-sm py-1.5 pr-3 pl-2 outline-none select-none data-disabled:opacity-50 data-highlighted:bg-accent-soft"
            >
              <span className="mt-0.5 size-4 shrink-0 text-accent">
                <Select.ItemIndicator>
                  <Check size={16} aria-hidden="true" />
                </Select.ItemIndicator>
              </span>
              <span className="min-w-0">
                <Select.ItemText>{label}</Select.ItemText>
                {detail && <span className="block max-w-80 text-xs text-muted">{detail}</span>}
              </span>
            </Select.Item>
          ))}
        </Select.Viewport>
      </Select.Content>
    </Select.Portal>
  );
}
