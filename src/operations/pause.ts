import type { Operation } from '../../prisma/generated/client/client.ts';
import { useCase } from '../log/use-case.ts';
import {
  lockOperationForCaller,
  operationEvent,
  stateMismatch,
  type OperationChanged,
  type OperationInput,
} from './lock-operation.ts';
import { progressOf } from './stored-operation.ts';

/** Pauses a running operation: when this has committed, no further key changes until the operation is resumed. */
export const pauseOperation = useCase<OperationInput, Operation, OperationChanged>()({
  name: 'pauseOperation',
  authorize: lockOperationForCaller,

  async run(change, caller, { reason }, operation) {
    const { id } = operation;
    if (operation.state === 'PAUSED') return { operationId: id };
    if (operation.state !== 'RUNNING') return stateMismatch(operation, 'Only a running operation can be paused.');
    const paused = await change.tx.operation.update({ where: { id }, data: { state: 'PAUSED' } });
    const event = operationEvent(change, caller, paused, reason);
    change.record({ type: 'OPERATION_PAUSED', ...event, data: progressOf(paused) });
    return { operationId: id };
  },
});

/** Lets a paused operation go on with the keys that it has not reached. */
export const resumeOperation = useCase<OperationInput, Operation, OperationChanged>()({
  name: 'resumeOperation',
  authorize: lockOperationForCaller,

  async run(change, caller, { reason }, operation) {
    const { id } = operation;
    if (operation.state === 'RUNNING') return { operationId: id };
    if (operation.state !== 'PAUSED') return stateMismatch(operation, 'Only a paused operation can be resumed.');
    const resumed = await change.tx.operation.update({ where: { id }, data: { state: 'RUNNING' } });
    const event = operationEvent(change, caller, resumed, reason);
    change.record({ type: 'OPERATION_STARTED', ...event, data: progressOf(resumed) });
    return { operationId: id };
  },
});
