import { useState } from 'react';
import { graphql } from '../../api/graphql.ts';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { OwnerField } from '../../parts/person-field.tsx';
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
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [owner, setOwner] = useState({ id: '', name: '' });
  const [isAsked, setAsked] = useState(false);
  const [transfer, { isRunning, problem }] = useChange(transferDocument, 'transferKey');
  const run = async (reason: string) => {
    setAsked(true);
    if (problemOf(owner.id, key) !== null) return null;
    return transfer({ input: { keyId: key.id, owner: owner.id, idempotencyKey, ...(reason !== '' && { reason }) } });
  };
  return (
    <AskDialog
      title={`Transfer ${key.name}`}
      button="Transfer"
      done="The key has another owner."
      hasReason
      isReasonOptional
      reasonHint={KEY_REASON_HINT}
      state={{ isRunning, problem: (isAsked ? problemOf(owner.id, key) : null) ?? problem }}
      run={run}
      onClose={onClose}
      fields={<OwnerField label="New owner" value={owner.id} onChange={(id, name) => setOwner({ id, name })} />}
    >
      <p>What changes, for whom:</p>
      <ul>
        <li>Programs that use the key notice nothing: its secret, what it may do and its stop stay as they are.</li>
        <li>
          {owner.id === '' ? 'The new owner' : owner.name} sees and manages the key from now on, and gets its notices.
        </li>
        <li>{key.owner.name} no longer does, except as an administrator or a member of the new owner.</li>
        <li>Policies that choose keys by their owner may set another stop, after their notice period.</li>
      </ul>
    </AskDialog>
  );
}

/** Returns why a key cannot be given to an owner; null: the gateway decides. */
function problemOf(owner: string, key: KeyDetails): string | null {
  if (owner === '') return 'Choose the new owner from those found, or paste the id.';
  return owner === key.owner.id ? `${key.owner.name} owns the key already. Choose another owner.` : null;
}
