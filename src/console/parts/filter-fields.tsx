import './filters.css';
import { useEffect, useId, useState, type ReactNode } from 'react';
import { cutSecrets } from './cut-secrets.ts';

/** A text is applied when the person has paused. */
const PAUSE_MS = 300;

interface TextFilterProps {
  readonly label: string;
  readonly value: string;
  readonly className?: string;
  readonly onChange: (value: string) => void;
}

/** A text to filter by. A secret that is pasted into it is cut at once. */
export function TextFilter({ label, value, className = '', onChange }: TextFilterProps) {
  const id = useId();
  const [text, setText] = useState(value);
  const [applied, setApplied] = useState(value);
  // The address has changed by another way, such as the Back button.
  if (value !== applied) {
    setApplied(value);
    setText(value);
  }
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => {
      setApplied(text);
      onChange(text);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  });
  return (
    <div className={`field ${className}`}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="search"
        value={text}
        maxLength={100}
        autoComplete="off"
        spellCheck={false}
        onChange={({ target }) => setText(cutSecrets(target.value))}
        onPaste={(event) => {
          const pasted = event.clipboardData.getData('text');
          const cut = cutSecrets(pasted);
          if (cut === pasted) return;
          // The field never has the whole secret, which would be cut off at its longest text.
          event.preventDefault();
          setText(cut.trim());
        }}
      />
    </div>
  );
}

interface ChoiceFilterProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly children: ReactNode;
}

/** A choice to filter by, which counts at once. */
export function ChoiceFilter({ label, value, onChange, children }: ChoiceFilterProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={({ target }) => onChange(target.value)}>
        {children}
      </select>
    </div>
  );
}

interface ListFilterProps {
  readonly label: string;
  /** What is shown if nothing is chosen, such as "all owners". */
  readonly any: string;
  readonly value: string;
  readonly choices: readonly { readonly id: string; readonly name: string }[];
  readonly onChange: (value: string) => void;
}

/** A choice of one of a list, such as an owner. A value of the address that the list lacks stays chosen. */
export function ListFilter({ label, any, value, choices, onChange }: ListFilterProps) {
  return (
    <ChoiceFilter label={label} value={value} onChange={onChange}>
      <option value="">{any}</option>
      {value !== '' && !choices.some(({ id }) => id === value) && <option value={value}>{value}</option>}
      {choices.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </ChoiceFilter>
  );
}

interface DateFilterProps {
  readonly label: string;
  /** A day, as 2026-11-30; empty: any. */
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** A day to filter by. A day that is typed in part is none yet. */
export function DateFilter({ label, value, onChange }: DateFilterProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} type="date" value={value} max="9999-12-31" onChange={({ target }) => onChange(target.value)} />
    </div>
  );
}
