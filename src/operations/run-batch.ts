import type { Operation, OperationKey, Prisma } from '../../prisma/generated/client/client.ts';
import { loadActingAccount } from '../accounts/account-caller.ts';
import type { AccountCaller } from '../domain/caller.ts';
import { systemActor } from '../domain/event.ts';
import { isFailure } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import { RequestError } from '../domain/request-error.ts';
import type { PolicyCore } from '../keys/apply-policies.ts';
import { lockKeysAhead } from '../keys/lock-key.ts';
import { change, type Change } from '../log/change.ts';
import { changeAfterRehearsal, KeepsChanging } from '../log/rehearse.ts';
import { rehearsePolicies } from '../policies/rehearse-policies.ts';
import { isUnavailable } from '../store/unavailable.ts';
import { keyChangeOf, type KeyBefore } from './key-changes.ts';
import { operationSubject, operationTarget, progressOf, type ChangeValues } from './stored-operation.ts';
import { writeStop } from './stop.ts';
import { nameOperation } from './name-operation.ts';
import { writeResults, type KeyResult } from './write-results.ts';

/** How many keys one transaction changes. */
const BATCH = 50;

/** BUSY: another node works on the operation, or it is not running. MORE: keys may be left. */
export type BatchResult = 'BUSY' | 'MORE' | 'ENDED';

/** What a batch needs to know before its transaction. */
export type RunningOperation = Pick<Operation, 'id' | 'kind' | 'isUndoing'>;

/**
 * Changes the next keys of an operation, by the use case that changes one key, and stores what became of each in the same
 * transaction: after a crash no key is changed twice and none is left out. If the batch fails, its keys are changed one by
 * one, so that one key does not hold up the others; a key that fails alone is marked as failed. `take`: how many keys.
 */
export async function runBatch(core: PolicyCore, operation: RunningOperation, take = BATCH): Promise<BatchResult> {
  const taken: string[] = [];
  try {
    return await runStep(core, operation, take, taken);
  } catch (error) {
    const [keyId] = taken;
    if (isUnavailable(error) || keyId === undefined) throw error;
    if (take === 1) await markFailed(core, operation, keyId, error);
    else for (let left = taken.length; left > 0; left -= 1) await runBatch(core, operation, 1);
    return 'MORE';
  }
}

/** Marks a key as failed, unless its facts keep changing: then it waits for the next round. */
async function markFailed(core: PolicyCore, operation: RunningOperation, keyId: string, error: unknown): Promise<void> {
  if (error instanceof KeepsChanging) throw error;
  const isRefusal = error instanceof RequestError;
  const state = operation.isUndoing ? ('UNDO_FAILED' as const) : ('FAILED' as const);
  const code = isRefusal ? error.code : 'INTERNAL';
  const message = isRefusal ? error.message : 'An internal error occurred. The log of the gateway has it.';
  await change(core, async (change) => {
    if ((await lockRunning(change, operation)) === null) return;
    await writeResults(change, operation.id, [{ keyId, state, code, message, before: null, ownerId: null }]);
  });
  if (!isRefusal) core.onPostCommitError?.(new Error(`operation ${operation.id}: key ${keyId}`, { cause: error }));
}

/** Changes at most `take` keys, whose ids it adds to `taken`. */
function runStep(core: PolicyCore, operation: RunningOperation, take: number, taken: string[]): Promise<BatchResult> {
  const { asksPolicies } = keyChangeOf(operation.kind);
  const step = (change: Change<PolicyCore>) => changeKeysOfBatch(change, operation, take, taken);
  const mayRehearse = operation.isUndoing ? asksPolicies.undo : asksPolicies.apply;
  return changeAfterRehearsal(
    rehearsePolicies(core, { isForRequest: false }),
    mayRehearse ? step : () => Promise.resolve(),
    step,
  );
}

async function changeKeysOfBatch(
  change: Change<PolicyCore>,
  { id, isUndoing }: RunningOperation,
  take: number,
  taken: string[],
): Promise<BatchResult> {
  const { tx } = change;
  const operation = await lockRunning(change, { id, isUndoing });
  if (operation === null) return 'BUSY';
  const keys = await tx.operationKey.findMany({
    where: { operationId: id, state: isUndoing ? 'DONE' : 'WAITING' },
    orderBy: { keyId: 'asc' },
    take,
  });
  const ids = keys.map(({ keyId }) => keyId);
  // Another node may have changed the keys of the rehearsal.
  if (change.share('batch', () => ids.join(' ')) !== ids.join(' ')) return 'MORE';
  if (ids.length === 0) return endOperation(change, operation);
  const caller = await loadActingAccount(tx, operation.actingId);
  if (caller === null || !may(caller, 'operation.manage', operationTarget(operation))) {
    return stopWithoutAccount(change, operation);
  }
  taken.splice(0, taken.length, ...ids);
  await lockKeysAhead(tx, ids);
  const results: KeyResult[] = [];
  for (const key of keys) {
    const result = changeOne(change, caller, operation, key);
    // The first write ends the rehearsal of a key. That of the next key goes on.
    if (change.isRehearsal) await result.catch(() => null);
    else results.push(await result);
  }
  await writeResults(change, id, results);
  return 'MORE';
}

/** Changes one key in the name of the account that runs the operation. */
async function changeOne(
  change: Change<PolicyCore>,
  caller: AccountCaller,
  operation: Operation,
  { keyId, before }: OperationKey,
): Promise<KeyResult> {
  const { id: operationId, kind, reason, isUndoing } = operation;
  const { apply, undo } = keyChangeOf(kind);
  const named = nameOperation(change, operationId);
  const values = operation.change as unknown as ChangeValues;
  const step = { keyId, operationId, reason, values, before: before as unknown as KeyBefore | null };
  const act = isUndoing ? undo : apply;
  if (act === null) throw new Error(`an operation of kind ${kind} cannot be undone`);
  const result = await act(named.change, caller, step);
  if (isFailure(result)) {
    const { code, message } = result;
    return { keyId, state: isUndoing ? 'UNDO_FAILED' : 'FAILED', code, message, before: null, ownerId: null };
  }
  return {
    keyId,
    state: isUndoing ? 'UNDONE' : 'DONE',
    code: null,
    message: null,
    before: result.before ?? named.labelsBefore(),
    ownerId: named.ownerBefore(),
  };
}

/**
 * Locks an operation that runs in this direction. Null: another node works on it, or a person has paused, stopped or
 * undone it.
 */
async function lockRunning(
  { tx, isRehearsal }: Change,
  { id, isUndoing }: Pick<Operation, 'id' | 'isUndoing'>,
): Promise<Operation | null> {
  const where: Prisma.OperationWhereInput = { id, state: 'RUNNING', isUndoing };
  if (isRehearsal) return tx.operation.findFirst({ where });
  const locked = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM "Operation" WHERE id = ${id} FOR NO KEY UPDATE SKIP LOCKED`;
  return locked.length === 0 ? null : tx.operation.findFirst({ where });
}

async function endOperation(change: Change, { id, isUndoing }: Operation): Promise<BatchResult> {
  const at = change.now();
  const data = { state: isUndoing ? ('UNDONE' as const) : ('DONE' as const), endedAt: at };
  const ended = await change.tx.operation.update({ where: { id }, data });
  const acting = await change.tx.account.findUniqueOrThrow({ where: { id: ended.actingId } });
  const actor = { kind: 'ACCOUNT' as const, id: acting.id, name: acting.name };
  const { reason } = ended;
  const event = { at, ...operationSubject(ended), actor, reason, data: progressOf(ended) };
  change.record({ type: 'OPERATION_ENDED', ...event });
  return 'ENDED';
}

/** Stops an operation whose account was disabled or no longer manages its keys. */
async function stopWithoutAccount(change: Change, operation: Operation): Promise<BatchResult> {
  const stopped = await writeStop(change, operation);
  const reason = 'The account that runs the operation was disabled, or no longer manages these keys.';
  const event = { at: change.now(), ...operationSubject(stopped), actor: systemActor, reason };
  change.record({ type: 'OPERATION_STOPPED', ...event, data: progressOf(stopped) });
  return 'ENDED';
}
