import './event-types.css';
import { useId } from 'react';
import type { EventType } from '../api/operations.ts';
import { eventGroups, eventNames } from './event-words.ts';

/** What a group of types has as its value in the list. */
const GROUP = 'all ';

interface EventTypesFieldProps {
  readonly label: string;
  /** The chosen types. None: all events. */
  readonly types: readonly EventType[];
  readonly onChange: (types: readonly EventType[]) => void;
}

/** Chooses types of events, one or a group after the other. */
export function EventTypesField({ label, types, onChange }: EventTypesFieldProps) {
  const id = useId();
  const add = (value: string) => {
    const added = value.startsWith(GROUP) ? eventGroups.get(value.slice(GROUP.length)) : [value as EventType];
    if (value !== '') onChange([...new Set([...types, ...(added ?? [])])]);
  };
  return (
    <div className="field event-types">
      <label htmlFor={id}>{label}</label>
      <select id={id} value="" onChange={({ target }) => add(target.value)}>
        <option value="">{types.length === 0 ? 'everything' : 'add another'}</option>
        {[...eventGroups].map(([name, all]) => (
          <optgroup key={name} label={name}>
            <option value={GROUP + name}>all: {name}</option>
            {all.map((type) => (
              <option key={type} value={type}>
                {eventNames[type]}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      {types.length > 0 && (
        <ul aria-label="Chosen events">
          {types.map((type) => (
            <li key={type}>
              <button
                type="button"
                className="chip"
                aria-label={`Leave out: ${eventNames[type]}`}
                onClick={() => onChange(types.filter((other) => other !== type))}
              >
                {eventNames[type]}
                <svg viewBox="0 0 10 10" aria-hidden="true">
                  <path d="M2 2l6 6M8 2l-6 6" />
                </svg>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
