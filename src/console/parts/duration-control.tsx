import './duration-control.css';
import { useState } from 'react';
import { DAY_MS, HOUR_MS, MINUTE_MS, parseDuration } from '../../domain/duration.ts';

type Unit = 'DAYS' | 'HOURS' | 'MINUTES' | 'TEXT';

const units = [
  ['DAYS', 'days', DAY_MS],
  ['HOURS', 'hours', HOUR_MS],
  ['MINUTES', 'minutes', MINUTE_MS],
] as const;

interface DurationDraft {
  readonly amount: string;
  readonly unit: Unit;
}

export interface DurationControlProps {
  readonly id: string;
  readonly title: string;
  /** An ISO 8601 duration, or any text that is not one. */
  readonly value: string;
  readonly isRequired: boolean;
  readonly isInvalid: boolean;
  readonly describedBy: string;
  /** Called with an ISO 8601 duration, with the text as it is typed, or with undefined if it is empty. */
  readonly onChange: (value: string | undefined) => void;
}

/** Asks for a duration as a number and a unit, or as text where that does not fit. */
export function DurationControl({
  id,
  title,
  value,
  isRequired,
  isInvalid,
  describedBy,
  onChange,
}: DurationControlProps) {
  const [draft, setDraft] = useState(() => readDuration(value));
  const change = (changed: Partial<DurationDraft>) => {
    const next = { ...draft, ...changed };
    // The text that replaces the number is the duration itself.
    if (changed.unit === 'TEXT') next.amount = writeDuration(draft) ?? '';
    if (draft.unit === 'TEXT' && changed.unit !== undefined) next.amount = '';
    setDraft(next);
    onChange(writeDuration(next));
  };
  return (
    <div className="number-and-unit">
      <input
        id={id}
        {...(draft.unit === 'TEXT' ? { type: 'text', maxLength: 100 } : { type: 'number', min: 0, step: 1 })}
        required={isRequired}
        value={draft.amount}
        aria-describedby={describedBy}
        aria-invalid={isInvalid}
        onChange={({ target }) => change({ amount: target.value })}
      />
      <select
        aria-label={`Unit of: ${title}`}
        value={draft.unit}
        onChange={({ target }) => change({ unit: target.value as Unit })}
      >
        {units.map(([unit, name]) => (
          <option key={unit} value={unit}>
            {name}
          </option>
        ))}
        <option value="TEXT">as text</option>
      </select>
    </div>
  );
}

function readDuration(text: string): DurationDraft {
  if (text === '') return { amount: '', unit: 'DAYS' };
  const read = parseDuration(text);
  const found = 'ms' in read ? units.find(([, , ms]) => read.ms % ms === 0) : undefined;
  if (!('ms' in read) || found === undefined) return { amount: text, unit: 'TEXT' };
  const [unit, , ms] = found;
  return { amount: String(read.ms / ms), unit };
}

function writeDuration({ amount, unit }: DurationDraft): string | undefined {
  const text = amount.trim();
  if (text === '') return undefined;
  if (unit === 'TEXT') return text;
  return { DAYS: `P${text}D`, HOURS: `PT${text}H`, MINUTES: `PT${text}M` }[unit];
}
