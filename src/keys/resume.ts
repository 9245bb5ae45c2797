import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import { useCase } from '../log/use-case.ts';
import { rehearsePolicies } from '../policies/rehearse-policies.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { hasEnded, keyNotActive, lockKeyForCaller, type LockedKey } from './lock-key-for-caller.ts';
import { keyStopPromiseOf, reevaluateKey, type PolicyCore } from './apply-policies.ts';
import { eventSubjectOf, keyTargetOf } from './key-row.ts';

export interface ResumeKeyInput {
  readonly keyId: string;
  readonly reason?: string | null;
}

/** Lifts the holds that the caller may lift. Only an administrator lifts a hold that an administrator placed. */
export const resumeKey = useCase<ResumeKeyInput, LockedKey, { readonly keyId: string }, PolicyCore>()({
  name: 'resumeKey',
  rehearse: rehearsePolicies,

  async authorize(change, caller, input) {
    if (input.reason != null) checkText('reason', input.reason, LONGEST_REASON);
    return lockKeyForCaller(change, caller, input.keyId, 'key.resume');
  },

  async run(change, caller, input, key) {
    const { tx } = change;
    const { now } = key;
    if (hasEnded(key)) return keyNotActive(caller, key);
    if (key.holds.length === 0) return fail('KeyNotHeld', 'The key is not held.');
    const mayLiftAll = may(caller, 'key.resumeAdministratorHold', keyTargetOf(key));
    const lifted = key.holds.filter((hold) => mayLiftAll || hold.source !== 'ADMINISTRATOR');
    if (lifted.length === 0) return fail('HoldNotYours', 'The key is held by an administrator.');

    // A resumption counts as activity: BY_USE moments are counted from now. A key that policy held keeps its end as the
    // promised stop: policy may hold it again before that only with notice, like any shortening.
    const { stopsAt, basis: stopsBasis } = keyStopPromiseOf(key);
    const holds = key.holds.filter((hold) => !lifted.includes(hold));
    const life = { ...key, holds, stopsAt, stopsBasis, activeAt: now, standing: 'ACTIVE' as const };
    const { columns } = await reevaluateKey(change, life, now);
    await tx.hold.deleteMany({ where: { id: { in: lifted.map((hold) => hold.id) } } });
    await tx.key.update({
      where: { id: key.id },
      data: {
        activeAt: now,
        standing: 'ACTIVE',
        ...columns,
      },
    });
    change.record({
      type: 'KEY_RESUMED',
      at: now,
      ...eventSubjectOf(key),
      actor: actorOf(caller),
      reason: input.reason ?? null,
      data: { sources: lifted.map((hold) => hold.source), isStillHeld: lifted.length < key.holds.length },
    });
    return { keyId: key.id };
  },
});
