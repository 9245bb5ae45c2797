import { useState } from 'react';
import { describeValue, fieldShapeOf, type JsonSchema } from './config-schema.ts';
import { DurationControl } from '../../parts/duration-control.tsx';
import { localInputOf } from './local-input.ts';

interface ControlProps {
  readonly id: string;
  readonly title: string;
  readonly schema: JsonSchema;
  readonly value: unknown;
  readonly isRequired: boolean;
  readonly isInvalid: boolean;
  readonly describedBy: string;
  readonly onChange: (value: unknown) => void;
}

/** The control of a value that has one of its own. */
export function Control(props: ControlProps) {
  const { id, schema, value, isRequired, isInvalid, describedBy, onChange } = props;
  const shape = fieldShapeOf(schema);
  const common = { id, required: isRequired, 'aria-invalid': isInvalid, 'aria-describedby': describedBy };
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  switch (shape.kind) {
    case 'DURATION':
      return <DurationControl {...props} value={text} />;
    case 'BOOLEAN':
      return (
        <input
          {...common}
          required={false}
          type="checkbox"
          checked={value === true}
          onChange={({ target }) => onChange(target.checked)}
        />
      );
    case 'CHOICE':
      return (
        <select
          {...common}
          value={JSON.stringify(value) ?? ''}
          onChange={({ target }) => onChange(target.value === '' ? undefined : JSON.parse(target.value))}
        >
          {!('default' in schema) && <option value="">choose</option>}
          {shape.choices.map((choice) => (
            <option key={JSON.stringify(choice)} value={JSON.stringify(choice)}>
              {describeValue(schema, choice)}
            </option>
          ))}
        </select>
      );
    case 'NUMBER':
    case 'SHARE':
      return (
        <TypedInput
          {...common}
          type="number"
          step={shape.kind === 'NUMBER' && shape.isInteger ? 1 : 'any'}
          initial={text}
          onText={(typed) => onChange(typed === '' ? undefined : Number(typed))}
        />
      );
    case 'MOMENT':
      return (
        <TypedInput
          {...common}
          type="datetime-local"
          step={1}
          initial={localInputOf(text)}
          onText={(typed) => onChange(typed === '' ? undefined : new Date(typed).toISOString())}
        />
      );
    case 'TEXT':
      return (
        <TypedInput
          {...common}
          type="text"
          initial={text}
          onText={(typed) => onChange(typed === '' ? undefined : typed)}
        />
      );
    default:
      return <JsonControl {...common} value={value} onChange={onChange} />;
  }
}

interface TypedInputProps {
  readonly id: string;
  readonly type: string;
  readonly step?: number | 'any';
  readonly required: boolean;
  readonly 'aria-invalid': boolean;
  readonly 'aria-describedby': string;
  readonly initial: string;
  readonly onText: (text: string) => void;
}

/** An input that shows what was typed, also before that is a value. */
function TypedInput({ initial, onText, ...rest }: TypedInputProps) {
  const [text, setText] = useState(initial);
  return (
    <input
      {...rest}
      value={text}
      autoComplete="off"
      onChange={({ target }) => {
        setText(target.value);
        onText(target.value);
      }}
    />
  );
}

interface JsonControlProps extends Omit<TypedInputProps, 'initial' | 'onText' | 'type' | 'step'> {
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}

/** A value as JSON. The form cannot be sent while the text is none. */
function JsonControl({ value, onChange, ...rest }: JsonControlProps) {
  const [text, setText] = useState(() => (value === undefined ? '' : JSON.stringify(value, null, 2)));
  return (
    <textarea
      {...rest}
      className="mono"
      rows={5}
      spellCheck={false}
      value={text}
      onChange={({ target }) => {
        const read = readJson(target.value);
        target.setCustomValidity(read === null ? 'Expected JSON, such as {"idle": "P90D"}.' : '');
        setText(target.value);
        if (read !== null) onChange(read.value);
      }}
    />
  );
}

function readJson(text: string): { readonly value: unknown } | null {
  if (text.trim() === '') return { value: undefined };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}
