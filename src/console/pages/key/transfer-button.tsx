import { useState } from 'react';
import { graphql } from '../../api/graphql.ts';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { SelectField } from '../../parts/fields.tsx';
import { useFilterChoices } from '../../parts/filter-choices.ts';
import { KEY_REASON_HINT } from './key-changes.ts';
import type { KeyDetails } from './key-query.ts';

const transferDocument = graphql(`
  mutation TransferOnPage($input: TransferKeyInput!) {
    transferKey(input: $input) {
      ... on TransferKeySuccess {
        key {
          id
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);

/** Gives the key to another owner, if the person may. */
export function TransferButton({ of: key }: { readonly of: KeyDetails }) {
  const [isOpen, setOpen] = useState(false);
  if (!key.viewerCan.includes('TRANSFER')) return null;
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Transfer
      </button>
      {isOpen && <TransferDialog of={key} onClose={() => setOpen(false)} />}
    </>
  );
}

function TransferDialog({ of: key, onClose }: { readonly of: KeyDetails; readonly onClose: () => void }) {
  const { owners: all, gap } = useFilterChoices();
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [owner, setOwner] = useState('');
  const [transfer, state] = useChange(transferDocument, 'transferKey');
  const owners = all.filter(({ id }) => id !== key.owner.id);
  const chosen = owners.find(({ id }) => id === owner);
  const run = (reason: string) =>
    transfer({ input: { keyId: key.id, owner, idempotencyKey, ...(reason !== '' && { reason }) } });
  return (
    <AskDialog
      title={`Transfer ${key.name}`}
      button="Transfer"
      done="The key has another owner."
      hasReason
      isReasonOptional
      reasonHint={KEY_REASON_HINT}
      state={state}
      run={run}
      onClose={onClose}
      fields={
        <>
          <SelectField label="New owner" required value={owner} onChange={({ target }) => setOwner(target.value)}>
            <option value="">choose</option>
            {owners.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </SelectField>
          {gap !== null && <p className="hint">{gap}</p>}
        </>
      }
    >
      <p>What changes, for whom:</p>
      <ul>
        <li>Programs that use the key notice nothing: its secret, what it may do and its stop stay as they are.</li>
        <li>{chosen?.name ?? 'The new owner'} sees and manages the key from now on, and gets its notices.</li>
        <li>{key.owner.name} no longer does, except as an administrator or a member of the new owner.</li>
        <li>Policies that choose keys by their owner may set another stop, after their notice period.</li>
      </ul>
    </AskDialog>
  );
}
