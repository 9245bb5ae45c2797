import { useId, type ReactNode } from 'react';

interface ChipChoiceProps<Value extends string> {
  readonly legend: string;
  /** The values, and what each is called. */
  readonly choices: readonly (readonly [value: Value, name: string])[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  /** What belongs to the choice: a hint, or fields of the chosen value. */
  readonly children?: ReactNode;
}

/** A choice of one of a few values. All of them are seen at once. */
export function ChipChoice<Value extends string>({
  legend,
  choices,
  value: chosen,
  onChange,
  children,
}: ChipChoiceProps<Value>) {
  const name = useId();
  return (
    <fieldset className="field">
      <legend>{legend}</legend>
      <div className="chips">
        {choices.map(([value, words]) => (
          <label key={value} className="chip">
            <input type="radio" name={name} value={value} checked={chosen === value} onChange={() => onChange(value)} />
            {words}
          </label>
        ))}
      </div>
      {children}
    </fieldset>
  );
}
