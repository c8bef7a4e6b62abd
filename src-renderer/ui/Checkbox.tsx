import { Check } from 'lucide-react';
import { Checkbox as Radix } from 'radix-ui';
import { type ReactNode, useId } from 'react';
import { classes } from './classes.ts';

interface CheckboxProps {
  label: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  /** For boxes whose meaning is plain to see; the label is read aloud all the same. */
  hideLabel?: boolean;
  disabled?: boolean;
  className?: string;
}

export function Checkbox({
  label,
  checked,
  onChange,
  hideLabel,
  disabled,
  className,
}: CheckboxProps) {
  const id = useId();
  return (
    <div className={classes('flex items-center gap-2', className)}>
      <Radix.Root
        {...{ id, checked, disabled }}
        onCheckedChange={(next) => onChange(next === true)}
        className="flex size-4.5 shrink-0 items-center justify-center rounded-sm border border-edge bg-surface text-on-accent disabled:opacity-50 data-[state=checked]:border-accent data-[state=checked]:bg-accent"
      >
        <Radix.Indicator>
          <Check size={14} strokeWidth={3} aria-hidden="true" />
        </Radix.Indicator>
      </Radix.Root>
      <label htmlFor={id} className={hideLabel ? 'sr-only' : 'text-base'}>
        {label}
      </label>
    </div>
  );
}
