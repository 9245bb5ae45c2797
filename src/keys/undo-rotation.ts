import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { earliest } from '../domain/key.ts';
import { forbidden } from '../domain/request-error.ts';
import { lookAt, retirement } from '../domain/rotation.ts';
import { useCase } from '../log/use-case.ts';
import { openKey } from './open-key.ts';
import { noRotation, rotationOf, subjectOf, type StoredKey } from './stored-key.ts';

export interface UndoRotationInput {
  readonly keyId?: string | null;
}

/**
 * Takes a pending rotation back. While the new secret is unused it retires at once; once it has been used the two swap
 * roles, and the new one retires after the same grace: neither side is stranded (law 5).
 */
export const undoRotation = useCase<UndoRotationInput, StoredKey, { readonly keyId: string }>({
  name: 'undoRotation',

  authorize: (change, caller, input) => openKey(change, caller, input.keyId, 'key.undoRotation'),

  async run(change, caller, _input, key) {
    const { tx } = change;
    const now = change.now();
    const pending = rotationOf(key, now);
    if (pending === null) return fail('RotationNotPending', 'No rotation of this key is pending.');
    const { current, retiring } = pending;
    const isSwap = current.firstUsedAt !== null;
    if (isSwap && caller.kind === 'KEY' && !caller.isCurrent) {
      throw forbidden('The new secret has been used: only it, or a manager of the key, may undo the rotation.');
    }
    const graceMs = Number(key.rotationGraceMs ?? 0);
    const retiresAt = isSwap ? retirement(now, graceMs, key.expiryBasis === 'HARD' ? key.expiresAt : null) : now;
    // In this order: of a key never more than one secret has no end.
    await tx.secret.update({ where: { id: current.id }, data: { retiresAt } });
    await tx.secret.update({ where: { id: retiring.id }, data: { retiresAt: null } });
    await tx.key.update({
      where: { id: key.id },
      data: isSwap
        ? {
            rotationStartedAt: now,
            rotationExtended: false,
            reviewAt: earliest(key.reviewAt, lookAt(retiresAt, graceMs)),
          }
        : noRotation,
    });
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
