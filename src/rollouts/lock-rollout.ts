import type { Rollout } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import { lockKeysInBrownouts } from '../keys/end-brownouts.ts';
import type { Change } from '../log/change.ts';
import { lockManagedRealmById } from '../policies/lock-realm.ts';

export interface RolloutInput {
  readonly rolloutId: string;
  readonly reason?: string | null;
}

/**
 * Locks the realm of a rollout, and the rollout, for an administrator. Returns RolloutNotFound if the caller may not see it,
 * and throws FORBIDDEN if the caller may only see it.
 */
export async function lockRolloutForCaller(
  change: Change,
  caller: Caller,
  input: RolloutInput,
): Promise<Rollout | Failure<'RolloutNotFound'>> {
  return lockForCaller(change, caller, input, async () => {});
}

/** As `lockRolloutForCaller`, and locks the keys with brownouts of the rollout, which the caller may end (`endBrownouts`). */
export async function lockRolloutAndBrownouts(
  change: Change,
  caller: Caller,
  input: RolloutInput,
): Promise<Rollout | Failure<'RolloutNotFound'>> {
  return lockForCaller(change, caller, input, (rollout) => lockKeysInBrownouts(change.tx, rollout));
}

async function lockForCaller(
  { tx }: Change,
  caller: Caller,
  { rolloutId, reason }: RolloutInput,
  lockKeys: (rollout: Rollout) => Promise<void>,
): Promise<Rollout | Failure<'RolloutNotFound'>> {
  if (reason != null) checkText('reason', reason, LONGEST_REASON);
  const found = await tx.rollout.findUnique({ where: { id: rolloutId } });
  if (found === null || !may(caller, 'policy.read', { realmId: found.realmId })) {
    return fail('RolloutNotFound', 'There is no rollout with this id that you can see.', {
      path: ['input', 'rolloutId'],
    });
  }
  // Keys come before their realm, in the order of locks.
  if (may(caller, 'realm.manage', { realmId: found.realmId })) await lockKeys(found);
  await lockManagedRealmById(tx, caller, found.realmId);
  return lockRollout(tx, rolloutId);
}

/** Locks and returns a rollout. Its realm must be locked. */
export async function lockRollout(tx: Change['tx'], rolloutId: string): Promise<Rollout> {
  await tx.$queryRaw`SELECT 1 FROM "Rollout" WHERE id = ${rolloutId} FOR NO KEY UPDATE`;
  return tx.rollout.findUniqueOrThrow({ where: { id: rolloutId } });
}

/** Returns the failure of a change that the state of a rollout does not allow. */
export function rolloutMismatch({ state }: Pick<Rollout, 'state'>, remedy: string): Failure<'RolloutStateMismatch'> {
  return fail('RolloutStateMismatch', `The rollout is ${state}.`, { remedy });
}
