import type { Caller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import { relationsOf } from '../domain/permission.ts';
import { useCase } from '../log/use-case.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { hasEnded, keyNotActive, lockKeyForCaller, type LockedKey } from './lock-key-for-caller.ts';
import { keyTargetOf, type KeyRow } from './key-row.ts';
import { placeHolds } from './write-holds.ts';

export interface HoldKeyInput {
  readonly keyId: string;
  readonly reason: string;
}

/**
 * Suspends a key at once, until it is resumed. A second hold from the same source changes nothing, but each operation
 * places holds of its own.
 */
export const holdKey = useCase<HoldKeyInput, LockedKey, { readonly keyId: string }>()({
  name: 'holdKey',

  async authorize(change, caller, input) {
    checkText('reason', input.reason, LONGEST_REASON);
    return lockKeyForCaller(change, caller, input.keyId, 'key.hold');
  },

  async run(change, caller, input, key) {
    if (hasEnded(key)) return keyNotActive(caller, key);
    const source = holdSourceOf(caller, key);
    const operationId = change.operationId ?? null;
    const isSame = (hold: KeyRow['holds'][number]) => hold.source === source && hold.operationId === operationId;
    // The hold of a disabled subject does not count: it is lifted with the subject.
    if (key.holds.some((hold) => isSame(hold) && hold.sourceId !== key.subjectId)) return { keyId: key.id };
    placeHolds(change, actorOf(caller), [key], { source, reason: input.reason });
    return { keyId: key.id };
  },
});

/**
 * Returns the source of a hold that a caller places: MANAGER for a key that manages subjects, ADMINISTRATOR if the
 * caller is an administrator and neither the key's owner nor a manager of it, else OWNER.
 */
function holdSourceOf(caller: Caller, key: KeyRow): 'OWNER' | 'ADMINISTRATOR' | 'MANAGER' {
  const relations = relationsOf(caller, keyTargetOf(key));
  if (relations.has('MANAGING_KEY')) return 'MANAGER';
  const isForOwner =
    relations.has('OWNER') || relations.has('ORGANIZATION_OWNER') || relations.has('ORGANIZATION_ADMIN');
  return relations.has('ADMINISTRATOR') && !isForOwner ? 'ADMINISTRATOR' : 'OWNER';
}
