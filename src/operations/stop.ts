import type { Operation } from '../../prisma/generated/client/client.ts';
import type { Change } from '../log/change.ts';
import { useCase } from '../log/use-case.ts';
import {
  lockOperationForCaller,
  operationEvent,
  skipWaiting,
  stateMismatch,
  type OperationChanged,
  type OperationInput,
} from './lock-operation.ts';
import { progressOf } from './stored-operation.ts';

/** Stops an operation for good: the keys that it has not reached stay as they are. */
export const stopOperation = useCase<OperationInput, Operation, OperationChanged>()({
  name: 'stopOperation',
  authorize: lockOperationForCaller,

  async run(change, caller, { reason }, operation) {
    const { id, state } = operation;
    if (state === 'STOPPED') return { operationId: id };
    if (state === 'DONE' || state === 'UNDONE') return stateMismatch(operation, 'It has ended.');
    const stopped = await writeStop(change, operation);
    const event = operationEvent(change, caller, stopped, reason);
    change.record({ type: 'OPERATION_STOPPED', ...event, data: progressOf(stopped) });
    return { operationId: id };
  },
});

/** Stops a locked operation and skips the keys that it has not reached. Returns it as it is then. */
export async function writeStop(change: Change, { id }: Operation): Promise<Operation> {
  const skipped = await skipWaiting(change, id, 'The operation was stopped before it reached the key.');
  const at = change.now();
  return change.tx.operation.update({
    where: { id },
    data: { state: 'STOPPED', endedAt: at, skipped: { increment: skipped } },
  });
}
