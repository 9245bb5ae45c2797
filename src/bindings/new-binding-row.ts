import type { Binding } from '../../prisma/generated/client/client.ts';
import type { RealmPolicies } from '../policies/realm-policies.ts';

/** The id of a binding that does not exist yet. It sorts after all others, as a new binding's id does. */
const NEW_ID = 'binding_zzzzzzzzzzzzzzzzzzzzzzzzzz';

/** Returns the columns of a binding that does not exist yet, without its settings. */
export function newBindingRow(
  realm: RealmPolicies,
  now: Date,
): Omit<Binding, 'policy' | 'hash' | 'title' | 'config' | 'mode' | 'selector' | 'noticeMs'> {
  return {
    id: NEW_ID,
    realmId: realm.id,
    followsModule: false,
    reason: null,
    revision: 0,
    effectiveAt: now,
    isAnnounced: false,
    before: null,
    createdAt: now,
    changedAt: now,
    unboundAt: null,
    health: 'WORKING',
    brokenAt: null,
    fault: null,
    retryAt: null,
    lastBounds: null,
    budget: null,
    budgetUsed: 0,
    sweepCursor: null,
    sweepTotal: 0,
    sweepDone: 0,
    sweepSilent: 0,
    sweepNumber: 0,
  };
}
