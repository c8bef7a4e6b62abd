import { useEffect, useState } from 'react';
import { NumberField } from '../ui/NumberField.tsx';

interface SettledNumberProps {
  label: string;
  hint: string;
  value: number;
  max: number;
  unit?: string;
  /** Told a moment after the last key, and only of whole numbers from 0 to `max`. */
  onSettle: (value: number) => void;
}

/** A whole number that is taken over by itself. */
export function SettledNumber({ label, hint, value, max, unit, onSettle }: SettledNumberProps) {
  const [draft, setDraft] = useState<number | undefined>(value);
  useEffect(() => setDraft(value), [value]);
  const isUsable = draft !== undefined && Number.isInteger(draft) && draft >= 0 && draft <= max;
  useEffect(() => {
    if (!isUsable || draft === value) return;
    const timer = setTimeout(() => onSettle(draft), 600);
    return () => clearTimeout(timer);
  }, [draft, value, isUsable, onSettle]);
  return (
    <NumberField
      {...{ label, hint, max, unit }}
      className="max-w-xs"
      min={0}
      step={1}
      value={draft}
      onChange={setDraft}
      error={
        isUsable ? undefined : `Write a whole number from 0 to ${max.toLocaleString('en-US')}.`
      }
    />
  );
}
