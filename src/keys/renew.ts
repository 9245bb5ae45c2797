import { openAskedAt } from '../domain/asked-rotation.ts';
import { isSelfRenewal } from '../domain/automation.ts';
import type { Caller } from '../domain/caller.ts';
import { actorOf } from '../domain/event.ts';
import type { EventBase } from '../domain/event-detail.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import { hasCome } from '../domain/key.ts';
import { chooseAtRenewal, requestedExpiry, type ExpiryRequest, type ChosenExpiry } from '../domain/life.ts';
import { stopReasonOf } from '../domain/stop-reason.ts';
import type { RenewalMode, RenewalTerms } from '../domain/verdict.ts';
import type { Change } from '../log/change.ts';
import type { Delivery } from '../log/idempotency.ts';
import { useCase } from '../log/use-case.ts';
import { rehearsePolicies } from '../policies/rehearse-policies.ts';
import { evaluateKey, evaluateLife, storeVerdicts, evaluationInputOf, type PolicyCore } from './apply-policies.ts';
import { renewalBounds } from '../domain/renewal-advice.ts';
import { checkRenewal } from './action-checks.ts';
import { expiryOutOfBounds, explainBound, explainReason } from './expiry-bounds.ts';
import { findParent, refuseOrphan, limitToParent } from './parent-limits.ts';
import { countsFrom } from './key-restrictions.ts';
import { lockKeyForCaller, type LockedKey } from './lock-key-for-caller.ts';
import { prepareRotation, startRotation, withNewSecret, type RotationInput } from './start-rotation.ts';
import { keyState, eventSubjectOf } from './key-row.ts';

export interface RenewKeyInput extends RotationInput {
  readonly keyId?: string | null;
  readonly ask: ExpiryRequest;
  /** The modes that the caller supports. */
  readonly accept: readonly RenewalMode[];
}

export type KeyRenewal = {
  readonly keyId: string;
  readonly delivery?: Delivery;
  readonly previousRetiresAt: Date | null;
};

/**
 * Renews a key: its expiry is never shortened (law 4). In mode ROTATE, which only callers get that accept it, the
 * secret is replaced too.
 */
export const renewKey = useCase<RenewKeyInput, LockedKey, KeyRenewal, PolicyCore>()({
  name: 'renewKey',
  rehearse: rehearsePolicies,

  authorize: (change, caller, input) => lockKeyForCaller(change, caller, input.keyId, 'RENEW'),

  async run(change, caller, input, key) {
    const { now } = key;
    const from = countsFrom(key, now);
    const request = { kind: 'RENEW', expiresAt: requestedExpiry(input.ask, from)?.getTime() ?? null } as const;
    const { verdict, verdicts } = await evaluateKey(change, { ...evaluationInputOf(key), request }, now);
    const parent = await findParent(change, key.parentId);
    const refused = (await refuseRenewal(change, caller, key, verdict.renewal)) ?? refuseOrphan(parent, caller, now);
    if (refused !== null) return refused;
    const mode = chooseMode(verdict.renewal.mode, input.accept, openAskedAt(key) !== null);
    if (mode === null) return fail('RotationRequired', 'Policy requires this renewal to replace the key’s secret.');

    const bounds = limitToParent(renewalBounds(verdict), parent, from);
    const chosen = chooseAtRenewal(input.ask, chosenOf(key), bounds, from);
    if ('requested' in chosen) {
      const sources = { realm: key.realm, verdicts, parent, isRenewal: true, caller };
      return expiryOutOfBounds(chosen, await explainBound(change.tx, chosen, sources, from));
    }
    const life = await evaluateRenewal(change, mode === 'ROTATE' ? withNewSecret(key) : key, chosen);
    const alreadyOver = await refuseEndedLife(change, caller, life, now);
    if (alreadyOver !== null) return alreadyOver;
    const prepared = mode === 'ROTATE' ? await prepareRotation(change, caller, key, input) : null;
    if (prepared !== null && isFailure(prepared)) return prepared;

    const renewed = writeRenewal(change, caller, key, life);
    const event = { at: now, ...eventSubjectOf(key), actor: actorOf(caller) };
    const data = {
      mode,
      from: key.expiresAt?.toISOString() ?? null,
      expiresAt: renewed.expiresAt?.toISOString() ?? null,
      stopsAt: renewed.stopsAt?.toISOString() ?? null,
      basis: renewed.stopsBasis,
    };
    change.record({ ...event, type: 'KEY_RENEWED', data });
    liftPolicyHolds(change, key, event);
    if (prepared === null) return { keyId: key.id, previousRetiresAt: null };
    return { keyId: key.id, ...startRotation(change, caller, renewed, prepared) };
  },
});

/** Returns the failure if this caller may not renew this key now; null if it may. */
async function refuseRenewal(
  change: Change,
  caller: Caller,
  key: LockedKey,
  verdict: RenewalTerms,
): Promise<Failure<'KeyNotActive' | 'RenewalNotAllowed'> | null> {
  const refused = checkRenewal(caller, key);
  if (refused !== null) return refused;
  if (verdict.isAllowed) return null;
  const { allowedAt, reason } = verdict;
  const remedy =
    allowedAt === null
      ? 'Issue a new key, or ask an administrator of the gateway.'
      : `Retry at ${allowedAt.toISOString()}.`;
  return fail('RenewalNotAllowed', await explainReason(change, caller, reason), { details: { allowedAt }, remedy });
}

/**
 * Returns the mode of renewal: the one that policy requires or a stricter one; null if the caller supports neither. A
 * rotation that a person requested is made by callers that support it, and stops no other renewal.
 */
function chooseMode(wanted: RenewalMode, accept: readonly RenewalMode[], isAsked: boolean): RenewalMode | null {
  if (isAsked && accept.includes('ROTATE')) return 'ROTATE';
  if (wanted === 'EXTEND' && accept.includes('EXTEND')) return 'EXTEND';
  return accept.includes('ROTATE') ? 'ROTATE' : null;
}

function chosenOf({ chosenExpiresAt, lifetimeMs }: LockedKey): ChosenExpiry {
  return { chosenExpiresAt, lifetimeMs: lifetimeMs === null ? null : Number(lifetimeMs) };
}

/**
 * Evaluates the renewed key. A renewal counts as activity: BY_USE moments are counted from now, and so is the key's
 * life unless its chosen expiry stays. Of a key that is not valid yet, both count from when it is.
 */
async function evaluateRenewal(change: Change<PolicyCore>, key: LockedKey, chosen: ChosenExpiry) {
  const { now } = key;
  const from = countsFrom(key, now);
  const { chosenExpiresAt, lifetimeMs } = chosen;
  const isSame = chosenExpiresAt !== null && chosenExpiresAt.getTime() === key.chosenExpiresAt?.getTime();
  const life = {
    chosenExpiresAt,
    lifetimeMs: lifetimeMs === null ? null : BigInt(lifetimeMs),
    grantedAt: isSame ? key.grantedAt : from,
    renewedAt: now,
    renewalCount: key.renewalCount + 1,
    activeAt: from,
    expiredAt: null,
    standing: 'ACTIVE' as const,
  };
  const isOver = keyState(key, now) === 'EXPIRED';
  return { life, ...(await evaluateLife(change, { ...key, ...life }, now, { isOver })) };
}

type EvaluatedRenewal = Awaited<ReturnType<typeof evaluateRenewal>>;

/** Returns the failure if policy would stop the renewed key at once; null if it lives on. */
async function refuseEndedLife(
  change: Change,
  caller: Caller,
  { columns, verdict }: EvaluatedRenewal,
  now: Date,
): Promise<Failure<'RenewalNotAllowed'> | null> {
  if (!hasCome(columns.stopsAt, now)) return null;
  const reason = stopReasonOf(verdict, columns);
  const cause = reason === null ? '' : ` ${await explainReason(change, caller, reason)}`;
  return fail('RenewalNotAllowed', `The renewed key would already have stopped.${cause}`, {
    details: { allowedAt: null },
    remedy: 'Issue a new key, or ask an administrator of the gateway.',
  });
}

function writeRenewal(
  change: Change<PolicyCore>,
  caller: Caller,
  key: LockedKey,
  { life, columns, verdicts }: EvaluatedRenewal,
): LockedKey {
  const row = { ...life, ...columns, isSelfRenewing: isSelfRenewal(caller) };
  change.rows.update('Key', { id: key.id, ...row });
  if (verdicts !== null) storeVerdicts(change, [{ keyId: key.id, verdicts }], key.now);
  return { ...key, ...row };
}

/** Lifts policy's holds, which a renewal makes obsolete. Holds by people stay. */
function liftPolicyHolds({ rows, record }: Change, key: LockedKey, event: EventBase): void {
  const lifted = key.holds.filter(({ source }) => source === 'POLICY');
  if (lifted.length === 0) return;
  rows.delete('Hold', 'id', ...lifted.map(({ id }) => id));
  const data = { sources: ['POLICY'], isStillHeld: lifted.length < key.holds.length };
  record({ ...event, type: 'KEY_RESUMED', data });
}
