import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { forbidden } from '../domain/request-error.ts';
import { useCase } from '../log/use-case.ts';
import { speaksAsNewest } from './calling-key.ts';
import { hasEnded, notActive, openKey, type OpenKey } from './open-key.ts';
import { noRotation, rotationOf, subjectOf } from './stored-key.ts';

export interface ConfirmRotationInput {
  readonly keyId?: string | null;
}

/** Ends a pending rotation now: the old secret retires, everyone has the new one. */
export const confirmRotation = useCase<ConfirmRotationInput, OpenKey, { readonly keyId: string }>({
  name: 'confirmRotation',

  authorize: (change, caller, input) => openKey(change, caller, input.keyId, 'key.confirmRotation'),

  async run(change, caller, _input, key) {
    const { now } = key;
    if (hasEnded(key)) return notActive(key, now);
    const isNewest = speaksAsNewest(caller, key);
    const pending = rotationOf(key, now);
    if (pending === null) return fail('RotationNotPending', 'No rotation of this key is pending.');
    if (!isNewest) throw forbidden('Only the newest secret may confirm its rotation.');
    await change.tx.secret.update({ where: { id: pending.retiring.id }, data: { retiresAt: now } });
    await change.tx.key.update({ where: { id: key.id }, data: noRotation });
    change.tell({
      type: 'KEY_ROTATION_COMPLETED',
      at: now,
      ...subjectOf(key),
      actor: actorOf(caller),
      data: { generation: pending.retiring.generation, by: 'CONFIRMED' },
    });
    return { keyId: key.id };
  },
});
