import { useState } from 'react';
import { newIdempotencyKey, useChange } from '../../api/use-change.ts';
import { AskDialog } from '../../parts/ask-dialog.tsx';
import { approveDocument, stopDocument, undoOperationDocument, type OperationDetails } from './operation-query.ts';
import { effectOfOperation, keysInWords, titleOfOperation } from './operation-words.ts';

interface OperationDialogProps {
  readonly of: OperationDetails;
  readonly onChanged: () => void;
  readonly onClose: () => void;
}

/** Asks a second person whether keys are to be changed. */
export function ApproveDialog({ of, onChanged, onClose }: OperationDialogProps) {
  const { id: operationId, kind, total, reason, actor, realm, organization } = of;
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [approve, state] = useChange(approveDocument, 'approveOperation');
  const run = async () => {
    const success = await approve({ input: { operationId, idempotencyKey } });
    onChanged();
    return success;
  };
  return (
    <AskDialog
      title={`Approve: ${titleOfOperation(kind)}`}
      button={`Approve the change of ${keysInWords(total)}`}
      done="The operation is approved."
      isDanger={kind === 'REVOKE'}
      state={state}
      run={run}
      onClose={onClose}
    >
      <p>
        It changes <strong>{keysInWords(total)}</strong> of {organization?.name ?? `any owner in ${realm.name}`} at
        once. {effectOfOperation(kind)}
      </p>
      <p>
        {actor?.name ?? 'A person'} says why: {reason}
      </p>
    </AskDialog>
  );
}

/** Asks whether an operation is to end before it has reached all keys. */
export function StopDialog({ of, onChanged, onClose }: OperationDialogProps) {
  const { id: operationId, kind, state: stage, total, done, failed, skipped, undone, isUndoing } = of;
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [stop, state] = useChange(stopDocument, 'stopOperation');
  const rest = Math.max(0, isUndoing ? done - undone : total - done - failed - skipped);
  const run = async () => {
    const success = await stop({ input: { operationId, idempotencyKey } });
    onChanged();
    return success;
  };
  return (
    <AskDialog
      title={`Stop: ${titleOfOperation(kind)}`}
      button="Stop for good"
      done="The operation is stopped."
      isDanger
      state={state}
      run={run}
      onClose={onClose}
    >
      {stage === 'AWAITING_APPROVAL' ? (
        <p>No key has changed, and none will. To change them, find the keys again.</p>
      ) : (
        <p>
          {isUndoing
            ? `Undone already: ${keysInWords(undone)}. Left changed: ${keysInWords(rest)}.`
            : `Changed already, and left so: ${keysInWords(done)}. Left as they are: ${keysInWords(rest)}.`}{' '}
          It cannot go on afterwards. To wait a while, press Pause instead.
        </p>
      )}
    </AskDialog>
  );
}

/** Asks whether a change is to be taken back. */
export function UndoDialog({ of, onChanged, onClose }: OperationDialogProps) {
  const { id: operationId, kind, done } = of;
  const [idempotencyKey] = useState(newIdempotencyKey);
  const [undo, state] = useChange(undoOperationDocument, 'undoOperation');
  const run = async () => {
    const success = await undo({ input: { operationId, idempotencyKey } });
    onChanged();
    return success;
  };
  return (
    <AskDialog
      title={`Undo: ${titleOfOperation(kind)}`}
      button={`Undo the change of ${keysInWords(done)}`}
      done="The change is being undone."
      state={state}
      run={run}
      onClose={onClose}
    >
      <p>
        It undoes the change of {keysInWords(done)}, except where others have changed a key since: such a key stays as
        it is now. Keys that the operation has not reached stay as they are.
      </p>
      {kind === 'HOLD' && <p>Their programs work again.</p>}
    </AskDialog>
  );
}
