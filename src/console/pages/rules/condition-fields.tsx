import { useId } from 'react';
import type { ConditionDraft } from './rule-draft.ts';

interface ConditionFieldsProps {
  readonly conditions: readonly ConditionDraft[];
  /** Claims that the tokens of the issuer have. */
  readonly claims: readonly string[];
  readonly onChange: (conditions: readonly ConditionDraft[]) => void;
}

/** Which jobs the rule is for: conditions on claims of their tokens. All have to match. */
export function ConditionFields({ conditions, claims, onChange }: ConditionFieldsProps) {
  const listId = useId();
  const change = (place: number, changed: Partial<ConditionDraft>) =>
    onChange(conditions.map((condition, index) => (index === place ? { ...condition, ...changed } : condition)));
  return (
    <fieldset className="field">
      <legend>Which jobs</legend>
      <datalist id={listId}>
        {claims.map((claim) => (
          <option key={claim} value={claim} />
        ))}
      </datalist>
      {conditions.map((condition, index) => (
        <ConditionRow
          // Rows have no identity but their place.
          key={index}
          condition={condition}
          number={index + 1}
          listId={listId}
          onChange={(changed) => change(index, changed)}
          onRemove={
            conditions.length === 1 ? null : () => onChange(conditions.filter((_one, place) => place !== index))
          }
        />
      ))}
      <p className="hint">
        All must match. For a provider with ids, at least one compares an id exactly: a name can later belong to someone
        else.
      </p>
      <div className="buttons">
        <button type="button" onClick={() => onChange([...conditions, { claim: '', kind: 'equals', value: '' }])}>
          Add another condition
        </button>
      </div>
    </fieldset>
  );
}

interface ConditionRowProps {
  readonly condition: ConditionDraft;
  readonly number: number;
  readonly listId: string;
  readonly onChange: (changed: Partial<ConditionDraft>) => void;
  readonly onRemove: (() => void) | null;
}

function ConditionRow({ condition, number, listId, onChange, onRemove }: ConditionRowProps) {
  const [claimId, kindId, valueId] = [useId(), useId(), useId()];
  return (
    <div className="condition-row">
      <div>
        <label htmlFor={claimId}>Claim {number}</label>
        <input
          id={claimId}
          list={listId}
          required
          value={condition.claim}
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
          onChange={({ target }) => onChange({ claim: target.value })}
        />
      </div>
      <div>
        <label htmlFor={kindId}>Comparison {number}</label>
        <select
          id={kindId}
          value={condition.kind}
          onChange={({ target }) => onChange({ kind: target.value as ConditionDraft['kind'] })}
        >
          <option value="equals">is exactly</option>
          <option value="matches">matches, with * and **</option>
        </select>
      </div>
      <div>
        <label htmlFor={valueId}>Value {number}</label>
        <input
          id={valueId}
          value={condition.value}
          maxLength={512}
          autoComplete="off"
          spellCheck={false}
          onChange={({ target }) => onChange({ value: target.value })}
        />
      </div>
      {onRemove !== null && (
        <button type="button" onClick={onRemove} aria-label={`Remove condition ${String(number)}`}>
          Remove
        </button>
      )}
    </div>
  );
}
