import { useId, useState } from 'react';
import { ChipChoice } from '../../parts/chip-choice.tsx';
import { MoreOwnersField } from '../../parts/person-field.tsx';
import type { OwnerNames } from './policy-query.ts';
import type { SelectorDraft } from './selector.ts';

interface SelectorFieldProps {
  readonly draft: SelectorDraft;
  readonly owners: OwnerNames;
  readonly onChange: (draft: SelectorDraft) => void;
}

const kinds = [
  ['ALL', 'All keys of the realm'],
  ['SOME', 'Some keys'],
  ['TEXT', 'As JSON'],
] as const;

/** Asks to which keys a binding applies. */
export function SelectorField({ draft, owners, onChange }: SelectorFieldProps) {
  const change = (changed: Partial<SelectorDraft>) => onChange({ ...draft, ...changed });
  return (
    <ChipChoice legend="Which keys" choices={kinds} value={draft.kind} onChange={(kind) => change({ kind })}>
      {draft.kind === 'SOME' && <Fields draft={draft} owners={owners} change={change} />}
      {draft.kind === 'TEXT' && <SelectorText draft={draft} change={change} />}
    </ChipChoice>
  );
}

interface FieldsProps {
  readonly draft: SelectorDraft;
  readonly change: (changed: Partial<SelectorDraft>) => void;
}

function Fields({ draft, owners, change }: FieldsProps & { readonly owners: OwnerNames }) {
  const [fromId, beforeId] = [useId(), useId()];
  const { labels } = draft;
  const [names, setNames] = useState(owners);
  const add = (id: string, name: string) => {
    if (!names.has(id) && name !== id) setNames(new Map([...names, [id, name]]));
    if (!draft.owners.includes(id)) change({ owners: [...draft.owners, id] });
  };
  return (
    <div className="nested">
      <div className="field">
        {draft.owners.length > 0 && (
          <ul className="chosen" aria-label="Owners that are chosen">
            {draft.owners.map((id) => (
              <li key={id}>
                {names.get(id) ?? <code>{id}</code>}
                <button
                  type="button"
                  aria-label={`Remove ${names.get(id) ?? id}`}
                  onClick={() => change({ owners: draft.owners.filter((one) => one !== id) })}
                >
                  Remove
                </button>
              </li>
            ))}
          </ul>
        )}
        <MoreOwnersField label="Owned by one of these (not required)" onAdd={add} />
      </div>
      {labels.map((label, place) => (
        <LabelRow
          // Rows have no identity but their place.
          key={place}
          number={place + 1}
          label={label}
          onChange={(changed) => change({ labels: labels.toSpliced(place, 1, changed) })}
          onRemove={() => change({ labels: labels.toSpliced(place, 1) })}
        />
      ))}
      <div className="field">
        <button type="button" onClick={() => change({ labels: [...labels, { name: 'policy/', value: '' }] })}>
          Add a label
        </button>
        <p className="hint">
          A key has to have every label. Only labels under policy/ count, which administrators write.
        </p>
      </div>
      <div className="two">
        <div className="field">
          <label htmlFor={fromId}>Issued from (not required)</label>
          <input
            id={fromId}
            type="date"
            value={draft.issuedAfter}
            onChange={({ target }) => change({ issuedAfter: target.value })}
          />
        </div>
        <div className="field">
          <label htmlFor={beforeId}>Issued before (not required)</label>
          <input
            id={beforeId}
            type="date"
            value={draft.issuedBefore}
            onChange={({ target }) => change({ issuedBefore: target.value })}
          />
        </div>
      </div>
    </div>
  );
}

type Label = SelectorDraft['labels'][number];

interface LabelRowProps {
  readonly number: number;
  readonly label: Label;
  readonly onChange: (label: Label) => void;
  readonly onRemove: () => void;
}

function LabelRow({ number, label, onChange, onRemove }: LabelRowProps) {
  const [nameId, valueId] = [useId(), useId()];
  return (
    <div className="label-row">
      <div>
        <label htmlFor={nameId}>Label {number}</label>
        <input
          id={nameId}
          required
          autoComplete="off"
          value={label.name}
          onChange={({ target }) => onChange({ ...label, name: target.value })}
        />
      </div>
      <div>
        <label htmlFor={valueId}>Value {number}</label>
        <input
          id={valueId}
          autoComplete="off"
          value={label.value}
          onChange={({ target }) => onChange({ ...label, value: target.value })}
        />
      </div>
      <button type="button" aria-label={`Remove label ${String(number)}`} onClick={onRemove}>
        Remove
      </button>
    </div>
  );
}

function SelectorText({ draft, change }: FieldsProps) {
  const [id, hintId] = [useId(), useId()];
  return (
    <div className="field nested">
      <label htmlFor={id}>Selector</label>
      <textarea
        id={id}
        className="mono"
        rows={6}
        required
        spellCheck={false}
        value={draft.text}
        aria-describedby={hintId}
        onChange={({ target }) => {
          target.setCustomValidity(isJson(target.value) ? '' : 'Expected JSON.');
          change({ text: target.value });
        }}
      />
      <p className="hint" id={hintId}>
        With owners, keyIds, labels, issuedAfter, issuedBefore and not, as KeySelector of the API has them.
      </p>
    </div>
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
