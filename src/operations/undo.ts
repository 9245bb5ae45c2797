import type { Operation } from '../../prisma/generated/client/client.ts';
import { useCase } from '../log/use-case.ts';
import { isUndoable } from './key-changes.ts';
import {
  lockOperationForCaller,
  operationEvent,
  skipWaiting,
  stateMismatch,
  type OperationChanged,
  type OperationInput,
} from './lock-operation.ts';
import { progressOf } from './stored-operation.ts';

/**
 * Starts to undo what an operation changed, in the name of the caller, in batches. Keys that it has not reached stay as
 * they are. What others changed since stays: only the holds of this operation are lifted, only labels that still are as it
 * set them are restored, and its request for a rotation is withdrawn only if the secret was not replaced.
 */
export const undoOperation = useCase<OperationInput, Operation, OperationChanged>()({
  name: 'undoOperation',
  authorize: lockOperationForCaller,

  async run(change, caller, { reason }, operation) {
    const { id, kind, state, isUndoing } = operation;
    if (state === 'UNDONE' || (isUndoing && state === 'RUNNING')) return { operationId: id };
    if (!isUndoable(kind)) {
      return stateMismatch(operation, `A ${kind} cannot be undone, only HOLD, LABEL and ASK_ROTATION can.`);
    }
    if (state === 'AWAITING_APPROVAL') return stateMismatch(operation, 'It has not changed any key. Stop it.');
    if (caller.kind !== 'ACCOUNT') throw new Error('only accounts are authorized');
    const skipped = await skipWaiting(change, id, 'The operation was undone before it reached the key.');
    const undoing = await change.tx.operation.update({
      where: { id },
      data: { state: 'RUNNING', isUndoing: true, endedAt: null, actingId: caller.id, skipped: { increment: skipped } },
    });
    const event = operationEvent(change, caller, undoing, reason);
    change.record({ type: 'OPERATION_STARTED', ...event, data: progressOf(undoing) });
    return { operationId: id };
  },
});
