import { useState, type FormEvent } from 'react';
import type { ChangeKeysInput, KeyChange, KeyFilter } from '../../api/operations.ts';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { FormProblem, SelectField, TextField } from '../../parts/fields.tsx';
import { useFilterChoices } from '../../parts/filter-choices.ts';
import { findLineProblem } from '../../parts/name-values.ts';
import { paths } from '../../routes.ts';
import { navigate } from '../../shell/router.ts';
import { changeKeysDocument, keyChanges, type ChangeRehearsal } from './change-keys-query.ts';
import { ChangeKeysReview } from './change-keys-review.tsx';
import { emptyValues, valuesOf } from './change-values.ts';
import { ChangeValuesFields } from './change-values-fields.tsx';

interface ChangeKeysDialogProps {
  /** The filter of the list. */
  readonly filter: KeyFilter;
  readonly onClose: () => void;
}

/** A dry run that waits for its confirmation. */
interface Proposal {
  readonly input: ChangeKeysInput;
  readonly found: ChangeRehearsal;
  /** Names the change: sent again after a lost response, it starts one operation. */
  readonly idempotencyKey: string;
}

/** Changes all keys of the list: asks what to do and why, shows what a dry run found, and starts the operation. */
export function ChangeKeysDialog({ filter: { realm, ...filter }, onClose }: ChangeKeysDialogProps) {
  const { realms, owners, gap } = useFilterChoices();
  const [change, setChange] = useState<KeyChange>('HOLD');
  const [chosenRealm, setRealm] = useState(realm ?? 'default');
  const [values, setValues] = useState(emptyValues);
  const [reason, setReason] = useState('');
  const [proposal, setProposal] = useState<Proposal | null>(null);
  const [send, { isRunning, problem }] = useChange(changeKeysDocument, 'changeKeys');
  const lineProblem = change === 'LABEL' ? findLineProblem(values.labels) : null;
  const find = async (event: FormEvent) => {
    event.preventDefault();
    if (isRunning || lineProblem !== null) return;
    const input = {
      realm: chosenRealm,
      filter,
      change,
      reason: reason.trim(),
      ...valuesOf(change, values),
    };
    const found = await send({ input: { ...input, dryRun: true } });
    if (found !== null) setProposal({ input, found, idempotencyKey: newIdempotencyKey() });
  };
  const start = async ({ input, found: { confirmation }, idempotencyKey }: Proposal) => {
    if (isRunning || confirmation == null) return;
    const confirmed = { ...input, confirmation, all: true, idempotencyKey };
    const success = await send({ input: confirmed });
    if (success?.operation != null) navigate(paths.operation(success.operation.id));
  };
  if (proposal !== null) {
    return (
      <Dialog key="review" title={`${keyChanges[change].name}: what will change`} onClose={onClose}>
        <ChangeKeysReview
          found={proposal.found}
          input={proposal.input}
          realm={realms.find(({ slug }) => slug === proposal.input.realm)?.name ?? proposal.input.realm}
          problem={problem}
          isRunning={isRunning}
          onBack={() => setProposal(null)}
          onStart={() => void start(proposal)}
        />
      </Dialog>
    );
  }
  return (
    <Dialog key="form" title="Change the keys of this list" onClose={onClose}>
      <form onSubmit={(event) => void find(event)}>
        <SelectField
          label="Change"
          hint={keyChanges[change].meaning}
          value={change}
          onChange={({ target }) => setChange(target.value as KeyChange)}
        >
          {Object.entries(keyChanges).map(([value, { name }]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </SelectField>
        {realm === undefined && realms.length > 1 && (
          <SelectField label="In the realm" value={chosenRealm} onChange={({ target }) => setRealm(target.value)}>
            {realms.map(({ slug, name }) => (
              <option key={slug} value={slug}>
                {name}
              </option>
            ))}
          </SelectField>
        )}
        <ChangeValuesFields
          change={change}
          draft={values}
          owners={owners}
          onChange={(changed) => setValues({ ...values, ...changed })}
        />
        {gap !== null && <p className="hint">{gap}</p>}
        <TextField
          label="Why"
          hint="It stands in the history of each key."
          required
          maxLength={500}
          value={reason}
          onChange={({ target }) => setReason(target.value)}
        />
        <FormProblem text={lineProblem ?? problem} />
        <div className="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" aria-disabled={isRunning}>
            Find the keys
          </button>
        </div>
      </form>
    </Dialog>
  );
}
