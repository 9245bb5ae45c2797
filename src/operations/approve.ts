import type { Operation } from '../../prisma/generated/client/client.ts';
import { isSecondPerson } from '../domain/approval.ts';
import { fail } from '../domain/failure.ts';
import { forbidden } from '../domain/request-error.ts';
import { useCase } from '../log/use-case.ts';
import { keysToChange } from './change-scope.ts';
import {
  lockOperationForCaller,
  operationEvent,
  stateMismatch,
  type OperationChanged,
  type OperationInput,
} from './lock-operation.ts';
import { matchPinnedKeys } from './match-pinned-keys.ts';
import { progressOf, type KeyChangeKind, type OperationCore, type StoredFilter } from './stored-operation.ts';

type ApprovalCore = OperationCore & {
  /** Reads a filter from its stored JSON. A problem: it has a field or a value that this release does not know. */
  readonly readFilter: (stored: unknown) => { readonly filter: StoredFilter } | { readonly problem: string };
};

/**
 * Approves a proposed operation, which then starts in the name of the person who proposed it. Keys that have stopped
 * matching the filter since the proposal are skipped.
 *
 * @throws FORBIDDEN for the person who proposed it.
 */
export const approveOperation = useCase<OperationInput, Operation, OperationChanged, ApprovalCore>()({
  name: 'approveOperation',
  authorize: lockOperationForCaller,

  async run(change, caller, { reason }, operation) {
    const { id, kind, approvedById, accountId } = operation;
    if (caller.kind !== 'ACCOUNT') throw new Error('only accounts are authorized');
    if (approvedById === caller.id && operation.state === 'RUNNING') return { operationId: id };
    if (operation.state !== 'AWAITING_APPROVAL') return stateMismatch(operation, 'It does not wait for an approval.');
    if (!isSecondPerson(accountId, caller.id)) {
      throw forbidden('You proposed this operation. Another person who manages these keys must approve it.');
    }
    const now = change.now();
    const read = change.core.readFilter(operation.filter);
    if ('problem' in read) {
      return fail('OperationStateMismatch', `This node cannot read the filter of the operation: ${read.problem}`, {
        remedy: 'Another release proposed it: approve it at a node of that release, or stop it and propose it again.',
      });
    }
    const { filter } = read;
    const where = keysToChange(change.core, operation, { kind: kind as KeyChangeKind, filter }, now);
    const { skipped, newlyMatched } = await matchPinnedKeys(change, operation, where);
    const approved = await change.tx.operation.update({
      where: { id },
      data: {
        state: 'RUNNING',
        approvedById: caller.id,
        approvedByName: caller.name,
        approvedAt: now,
        skipped: { increment: skipped },
        newlyMatched,
      },
    });
    const event = operationEvent(change, caller, approved, reason);
    change.record({ type: 'OPERATION_STARTED', ...event, data: progressOf(approved) });
    return { operationId: id };
  },
});
