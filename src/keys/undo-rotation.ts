import type { Caller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { earliest, later } from '../domain/key.ts';
import { forbidden } from '../domain/request-error.ts';
import { lookAt, retirement } from '../domain/rotation.ts';
import { useCase, type Repeatable } from '../log/use-case.ts';
import { speaksAsNewest } from './calling-key.ts';
import { adviseAnew, type JudgingCore } from './judge-key.ts';
import { hasEnded, notActive, openKey, type OpenKey } from './open-key.ts';
import type { UseRecorder } from './record-use.ts';
import { hardEndOf, noRotation, rotationOf, subjectOf } from './stored-key.ts';

export interface UndoRotationInput {
  readonly keyId?: string | null;
}

type RotationUndone = { readonly keyId: string };

/**
 * Takes a pending rotation back. While the new secret is unused it retires at once; once it has been used the two swap
 * roles, and the new one retires after the same grace: neither side is stranded (law 5). Use that this node has seen is
 * written first, before the key is locked: that too waits for the key.
 */
export async function undoRotation(
  core: JudgingCore & { readonly uses: UseRecorder },
  caller: Caller,
  input: UndoRotationInput & Repeatable,
): Promise<RotationUndone | Failure> {
  await core.uses.flush();
  return undo(core, caller, input);
}

const undo = useCase<UndoRotationInput, OpenKey, RotationUndone, JudgingCore>({
  name: 'undoRotation',

  authorize: (change, caller, input) => openKey(change, caller, input.keyId, 'key.undoRotation'),

  async run(change, caller, _input, key) {
    const { tx } = change;
    const { now } = key;
    if (hasEnded(key)) return notActive(key, now);
    const isNewest = speaksAsNewest(caller, key);
    const pending = rotationOf(key, now);
    if (pending === null) return fail('RotationNotPending', 'No rotation of this key is pending.');
    const { current, retiring } = pending;
    const isSwap = current.firstUsedAt !== null;
    if (isSwap && !isNewest) {
      throw forbidden('The new secret has been used: only it, or a manager of the key, may undo the rotation.');
    }
    const graceMs = Number(key.rotationGraceMs ?? 0);
    const retiresAt = isSwap ? retirement(now, graceMs, hardEndOf(key)) : now;
    // In this order: of a key never more than one secret has no end.
    await tx.secret.update({ where: { id: current.id }, data: { retiresAt } });
    await tx.secret.update({ where: { id: retiring.id }, data: { retiresAt: null } });
    const rotation = isSwap ? { rotationStartedAt: now, rotationExtended: false } : noRotation;
    const secrets = key.secrets.map((secret) => {
      if (secret.id === retiring.id) return { ...secret, retiresAt: null };
      return secret.id === current.id ? { ...secret, retiresAt } : secret;
    });
    const advice = await adviseAnew(change, { ...key, ...rotation, secrets }, now);
    const lookedAt = isSwap ? later(lookAt(retiresAt, graceMs), now) : null;
    const reviewAt = earliest(advice.reviewAt, lookedAt);
    await tx.key.update({ where: { id: key.id }, data: { ...rotation, ...advice, reviewAt } });
    change.tell({
      type: 'KEY_ROTATION_UNDONE',
      at: now,
      ...subjectOf(key),
      actor: actorOf(caller),
      data: { generation: current.generation, retiresAt: retiresAt.toISOString(), isSwap },
    });
    return { keyId: key.id };
  },
});
