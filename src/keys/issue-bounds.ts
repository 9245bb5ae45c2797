import type { Caller } from '../domain/caller.ts';
import { isFailure, type Failure } from '../domain/failure.ts';
import { addMs } from '../domain/key.ts';
import { chooseAtIssue, decideStop, type StopTimes } from '../domain/life.ts';
import { adviseRenewal, type RenewalAdvice } from '../domain/renewal-advice.ts';
import { stopReasonOf } from '../domain/stop-reason.ts';
import { rehearseOnly } from '../log/rehearse.ts';
import { rehearsePolicies } from '../policies/rehearse-policies.ts';
import type { PolicyCore } from './apply-policies.ts';
import { evaluateNewKey, lifeOf } from './draft-keys.ts';
import { explainBound, explainReason } from './expiry-bounds.ts';
import { findIssueTarget } from './issue-rows.ts';
import { checkNotBefore } from './key-restrictions.ts';
import { findBounds } from './new-key-bounds.ts';

export interface IssueBoundsInput {
  /** The realm's slug. */
  readonly realm: string;
  /** Null: the caller, or the owner of the calling key. */
  readonly owner: string | null;
  /** From when on the key would be valid; null: from now on. */
  readonly notBefore: Date | null;
}

/** Between which moments a new key may expire, and what becomes of one for which no expiry is requested. */
export interface IssueBounds {
  readonly earliest: Date;
  readonly latest: Date;
  /** Sentences that name what set the two. */
  readonly earliestReason: string;
  readonly latestReason: string;
  /** The expiry of a key for which none is requested; null: it has no expiry of its own. */
  readonly defaultExpiresAt: Date | null;
  readonly stop: StopTimes;
  /** Why it stops then; null: its own expiry stops it, or nothing does. */
  readonly stopReason: string | null;
  readonly renewal: RenewalAdvice;
}

/**
 * Returns the bounds by which an issue of a key without labels would be refused, and what policies would decide about the
 * key. Writes nothing. Returns the failure if the caller may issue no key for the owner in the realm.
 */
export function readIssueBounds(
  core: PolicyCore,
  caller: Caller,
  { realm: slug, owner, notBefore }: IssueBoundsInput,
): Promise<IssueBounds | Failure<'RealmNotFound' | 'OwnerNotFound' | 'OwnerNotActive'>> {
  return rehearseOnly(rehearsePolicies(core), async (change) => {
    checkNotBefore(notBefore, change.now());
    const target = await findIssueTarget(change, caller, slug, [{ input: { owner }, place: null }]);
    if (isFailure(target)) return target;
    const input = { name: '', scopes: [], labels: [], notBefore, ask: null };
    const [found] = await findBounds(change, [input], target);
    const [to] = target.owners;
    if (found === undefined || to === undefined) throw new Error('no bounds were found');
    const { draft, bounds, sources } = found;
    const from = draft.grantedAt;
    const [earliest, latest] = [addMs(from, bounds.shortestMs), addMs(from, bounds.longestMs)];
    const explain = (requested: Date) => explainBound(change.tx, { requested, earliest, latest }, sources, from);
    const chosen = chooseAtIssue(null, bounds, from);
    if ('requested' in chosen) throw new Error('a default is within its bounds');
    const evaluated = await evaluateNewKey(change, {
      draft,
      realm: target.realm,
      owner: to,
      chosen,
      tokenRuleId: null,
    });
    const { verdict } = evaluated;
    const stop = decideStop(chosen.chosenExpiresAt, verdict);
    const alive = { expiredAt: null, revokedAt: null, isHeld: false };
    const reason = stopReasonOf(verdict, stop);
    return {
      earliest,
      latest,
      earliestReason: await explain(addMs(earliest, -1)),
      latestReason: await explain(addMs(latest, 1)),
      defaultExpiresAt: chosen.chosenExpiresAt,
      stop,
      stopReason: reason === null ? null : await explainReason(change, target.issuer, reason),
      renewal: adviseRenewal({ ...lifeOf(draft, chosen, null), ...stop, ...alive }, verdict, draft.createdAt),
    };
  });
}
