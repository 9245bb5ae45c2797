import { actorOf } from '../domain/event.ts';
import { isFailure } from '../domain/failure.ts';
import { useCase } from '../log/use-case.ts';
import { keepCohort } from '../policies/keep-cohort.ts';
import { checkTransfer } from './action-checks.ts';
import { refuseScopes } from './check-scopes.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { findOwner } from './find-owner.ts';
import { lockKeyForCaller, type LockedKey } from './lock-key-for-caller.ts';
import { ownerColumnsOf, ownerIdOf, scopesOf, eventSubjectOf } from './key-row.ts';

export interface TransferKeyInput {
  readonly keyId: string;
  readonly owner: string;
  readonly reason?: string | null;
}

/**
 * Transfers a key to another owner, for whom the caller must be allowed to issue keys with the key's scopes. The key
 * keeps working.
 */
export const transferKey = useCase<TransferKeyInput, LockedKey, { readonly keyId: string }>()({
  name: 'transferKey',

  async authorize(change, caller, input) {
    if (input.reason != null) checkText('reason', input.reason, LONGEST_REASON);
    return lockKeyForCaller(change, caller, input.keyId, 'TRANSFER');
  },

  async run(change, caller, input, key) {
    const { now } = key;
    const ended = checkTransfer(caller, key);
    if (ended !== null) return ended;
    const owner = await findOwner(change, caller, input.owner, key.realmId);
    if (isFailure(owner)) return owner;
    if (owner.id === ownerIdOf(key)) return { keyId: key.id };
    const refused = await refuseScopes(change, caller, key.realm, owner, scopesOf(key), { isNew: false });
    if (refused !== null) return refused;
    const row = ownerColumnsOf(owner);
    change.rows.update('Key', { id: key.id, ...row, reviewAt: now, brownouts: null });
    await keepCohort(change, key, { from: ownerIdOf(key), to: owner.id });
    change.record({
      type: 'KEY_TRANSFERRED',
      at: now,
      ...eventSubjectOf({ ...key, ...row }),
      actor: actorOf(caller),
      reason: input.reason ?? null,
      data: { from: ownerIdOf(key), to: owner.id },
    });
    return { keyId: key.id };
  },
});
