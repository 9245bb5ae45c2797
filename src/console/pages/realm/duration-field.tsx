import { useId } from 'react';
import { describeDuration, parseDuration } from '../../../domain/duration.ts';
import { DurationControl } from '../../parts/duration-control.tsx';

interface DurationFieldProps {
  readonly label: string;
  readonly hint: string;
  /** ISO 8601. */
  readonly value: string;
  /** Called with an ISO 8601 duration, with the text as it is typed, or with an empty text. */
  readonly onChange: (value: string) => void;
}

/** A labelled duration, with a hint below it. */
export function DurationField({ label, hint, value, onChange }: DurationFieldProps) {
  const [id, hintId] = [useId(), useId()];
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <DurationControl
        id={id}
        title={label}
        value={value}
        isRequired
        isInvalid={false}
        describedBy={hintId}
        onChange={(changed = '') => onChange(changed)}
      />
      <p id={hintId} className="hint">
        {hint}
      </p>
    </div>
  );
}

/** A duration in words, such as "90 days". */
export function DurationWords({ of }: { readonly of: string }) {
  const parsed = parseDuration(of);
  return <>{'ms' in parsed ? describeDuration(parsed.ms) : of}</>;
}
