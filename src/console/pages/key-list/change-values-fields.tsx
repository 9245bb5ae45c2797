import type { KeyChange } from '../../api/operations.ts';
import { SelectField } from '../../parts/fields.tsx';
import { LinesField } from '../../parts/lines-field.tsx';
import { findLineProblem } from '../../parts/name-values.ts';
import { graceChoices, lifetimeChoices, type ValuesDraft } from './change-values.ts';

interface ChangeValuesFieldsProps {
  readonly change: KeyChange;
  readonly draft: ValuesDraft;
  readonly owners: readonly { readonly id: string; readonly name: string }[];
  readonly onChange: (changed: Partial<ValuesDraft>) => void;
}

/** Asks for what a change takes besides the keys: an owner, labels, a time. */
export function ChangeValuesFields({ change, draft, owners, onChange }: ChangeValuesFieldsProps) {
  switch (change) {
    case 'TRANSFER':
      return (
        <SelectField
          label="New owner"
          required
          value={draft.owner}
          onChange={({ target }) => onChange({ owner: target.value })}
        >
          <option value="">choose</option>
          {owners.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
      );
    case 'LABEL':
      return (
        <>
          <LinesField
            label="Labels to set"
            hint="A line for each: team=core. All other labels stay."
            value={draft.labels}
            isInvalid={findLineProblem(draft.labels) !== null}
            onChange={(labels) => onChange({ labels })}
          />
          <LinesField
            label="Labels to remove"
            hint="A name in each line: team."
            value={draft.removeLabels}
            onChange={(removeLabels) => onChange({ removeLabels })}
          />
        </>
      );
    case 'RENEW':
      return (
        <SelectField
          label="New lifetime, from now"
          value={draft.lifetime}
          onChange={({ target }) => onChange({ lifetime: target.value })}
        >
          <Choices of={lifetimeChoices} />
        </SelectField>
      );
    case 'ASK_ROTATION':
      return (
        <SelectField
          label="The old secret works for another"
          hint="A program that replaces its secret may ask for another time."
          value={draft.gracePeriod}
          onChange={({ target }) => onChange({ gracePeriod: target.value })}
        >
          <Choices of={graceChoices} />
        </SelectField>
      );
    default:
      return null;
  }
}

function Choices({ of: choices }: { readonly of: readonly (readonly [value: string, name: string])[] }) {
  return choices.map(([value, name]) => (
    <option key={value} value={value}>
      {name}
    </option>
  ));
}
