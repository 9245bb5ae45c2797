import type { Operation } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { actorOf } from '../domain/event.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import type { Change } from '../log/change.ts';
import { operationSubject, operationTarget } from './stored-operation.ts';

export interface OperationInput {
  readonly operationId: string;
  readonly reason?: string | null;
}

export type OperationChanged = { readonly operationId: string };

/**
 * Locks an operation for a caller who manages its organization or realm. For every other caller it does not exist. While
 * it is locked no node works on it.
 */
export async function lockOperationForCaller(
  { tx }: Change,
  caller: Caller,
  { operationId, reason }: OperationInput,
): Promise<Operation | Failure<'OperationNotFound'>> {
  if (reason != null) checkText('reason', reason, LONGEST_REASON);
  await tx.$queryRaw`SELECT 1 FROM "Operation" WHERE id = ${operationId} FOR NO KEY UPDATE`;
  const operation = await tx.operation.findUnique({ where: { id: operationId } });
  if (operation === null || !may(caller, 'operation.manage', operationTarget(operation))) {
    return fail('OperationNotFound', 'No operation has this id, or you do not manage it.', {
      path: ['input', 'operationId'],
    });
  }
  return operation;
}

/** Returns the failure of a change that the state of an operation does not allow. */
export function stateMismatch({ state }: Operation, remedy: string): Failure<'OperationStateMismatch'> {
  return fail('OperationStateMismatch', `The operation is ${state}.`, { remedy });
}

/** Returns what the events of an operation have in common if a caller acts on it. */
export function operationEvent(change: Change, caller: Caller, operation: Operation, reason?: string | null) {
  return {
    at: change.now(),
    ...operationSubject(operation),
    actor: actorOf(caller),
    reason: reason ?? operation.reason,
  };
}

/** Leaves the keys that wait as they are. Returns how many they were. */
export async function skipWaiting({ tx, now }: Change, operationId: string, message: string): Promise<number> {
  const where = { operationId, state: 'WAITING' as const };
  const data = { state: 'SKIPPED' as const, code: 'OPERATION_STOPPED', message, changedAt: now() };
  return (await tx.operationKey.updateMany({ where, data })).count;
}
