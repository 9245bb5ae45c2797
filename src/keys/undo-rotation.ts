import { Prisma } from '../../prisma/generated/client/client.ts';
import { answerAskedRotation } from '../domain/asked-rotation.ts';
import { hardEndOf } from '../domain/life.ts';
import type { Caller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { isFailure, type Failure } from '../domain/failure.ts';
import { earliest, latest } from '../domain/key.ts';
import { stallCheckAt, retirementAt } from '../domain/rotation.ts';
import { useCase, type IdempotentInput } from '../log/use-case.ts';
import { rehearsePolicies } from '../policies/rehearse-policies.ts';
import { checkUndo } from './action-checks.ts';
import { refreshRenewalAdvice, type PolicyCore } from './apply-policies.ts';
import { lockKeyForCaller, type LockedKey } from './lock-key-for-caller.ts';
import type { UseRecorder } from './use-recorder.ts';
import { noRotation, eventSubjectOf } from './key-row.ts';

export interface UndoRotationInput {
  readonly keyId?: string | null;
}

type RotationUndo = { readonly keyId: string };

/**
 * Undoes a pending rotation. If the new secret is unused, it retires at once. If it has been used, the two secrets swap
 * roles: the new one retires after the same grace period, so that no consumer is stranded (law 5). This node's pending
 * use is written first, before the key is locked, because writing use locks the key too.
 */
export async function undoRotation(
  core: PolicyCore & { readonly uses: UseRecorder },
  caller: Caller,
  input: UndoRotationInput & IdempotentInput,
): Promise<RotationUndo | Failure<'KeyNotFound' | 'KeyNotActive' | 'RotationNotPending' | 'IdempotencyConflict'>> {
  await core.uses.flush();
  return undoPendingRotation(core, caller, input);
}

const undoPendingRotation = useCase<UndoRotationInput, LockedKey, RotationUndo, PolicyCore>()({
  name: 'undoRotation',
  rehearse: rehearsePolicies,

  authorize: (change, caller, input) => lockKeyForCaller(change, caller, input.keyId, 'UNDO_ROTATION'),

  async run(change, caller, _input, key) {
    const { rows } = change;
    const { now } = key;
    const pending = checkUndo(caller, key);
    if (isFailure(pending)) return pending;
    const { current, retiring } = pending;
    const isSwap = current.firstUsedAt !== null;
    const graceMs = Number(key.rotationGraceMs ?? 0);
    // Not before the present instant, which may be later than the undo's: until now both secrets were accepted.
    const retiresAt = latest(isSwap ? retirementAt(now, graceMs, hardEndOf(key)) : now, change.now());
    const rotation = {
      ...(isSwap ? { rotationStartedAt: now, rotationExtended: false } : noRotation),
      ...answerAskedRotation(key, retiring.createdAt),
    };
    const secrets = key.secrets.map((secret) => {
      if (secret.id === retiring.id) return { ...secret, retiresAt: null };
      return secret.id === current.id ? { ...secret, retiresAt } : secret;
    });
    const advice = await refreshRenewalAdvice(change, { ...key, ...rotation, secrets }, now);
    // In this order: a key must never have two secrets without a `retiresAt`.
    rows.update('Secret', { id: current.id, retiresAt });
    rows.add((after) => Prisma.sql`UPDATE "Secret" SET "retiresAt" = NULL WHERE id = ${retiring.id} AND ${after}`);
    const stallCheck = isSwap ? latest(stallCheckAt(retiresAt, graceMs), now) : null;
    const reviewAt = earliest(advice.reviewAt, stallCheck);
    rows.update('Key', { id: key.id, ...rotation, ...advice, reviewAt });
    change.record({
      type: 'KEY_ROTATION_UNDONE',
      at: now,
      ...eventSubjectOf(key),
      actor: actorOf(caller),
      data: { generation: current.generation, retiresAt: retiresAt.toISOString(), isSwap },
    });
    return { keyId: key.id };
  },
});
