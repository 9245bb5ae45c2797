import { useId } from 'react';

interface LinesFieldProps {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly isInvalid?: boolean;
  readonly onChange: (value: string) => void;
}

/** A field of several lines. Each line is a value. */
export function LinesField({ label, hint, value, isInvalid = false, onChange }: LinesFieldProps) {
  const [id, hintId] = [useId(), useId()];
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        rows={2}
        value={value}
        autoComplete="off"
        spellCheck={false}
        aria-invalid={isInvalid}
        aria-describedby={hintId}
        onChange={({ target }) => onChange(target.value)}
      />
      <p id={hintId} className="hint">
        {hint}
      </p>
    </div>
  );
}
