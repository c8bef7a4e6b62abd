import { Search } from 'lucide-react';
import { useEffect, useState } from 'react';
import { TextField } from './TextField.tsx';

interface SearchFieldProps {
  label: string;
  placeholder?: string;
  className?: string;
  value: string;
  onChange: (value: string) => void;
}

/** Asks a moment after the last key, so that a word is not searched letter by letter. */
export function SearchField({ label, placeholder = label, className, ...field }: SearchFieldProps) {
  const { value, onChange } = field;
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), 150);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <TextField
      hideLabel
      type="search"
      {...{ label, placeholder }}
      icon={<Search size={16} aria-hidden="true" />}
      maxLength={200}
      {...(className && { className })}
      value={text}
      onChange={setText}
    />
  );
}
