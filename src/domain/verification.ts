import { earliest, expiredAt, hasCome, type KeyLifecycle, type DateOrMs } from './key.ts';
import { isAddressIn } from './address.ts';
import { brownoutAt, type BrownoutWindow } from './brownout.ts';
import { covers, isReservedAction, type Scope } from './scope.ts';

/** The outcomes of a verification, strongest first: an earlier one takes precedence over a later one. */
export const outcomes = [
  'KEY_UNKNOWN',
  'KEY_REVOKED',
  'SECRET_RETIRED',
  'KEY_EXPIRED',
  'KEY_HELD',
  'NOT_YET_VALID',
  'ADDRESS_NOT_ALLOWED',
  'BROWNOUT',
  'ACTION_UNKNOWN',
  'SCOPE_MISSING',
  'VALID',
] as const;

export type Outcome = (typeof outcomes)[number];

/** The facts that decide a verification, once the digest of the secret has been found in the caller's realm. */
export interface VerificationFacts<At extends DateOrMs = Date> extends KeyLifecycle<At> {
  readonly scopes: readonly Scope[];
  readonly retiresAt: At | null;
  /** Before this moment the key is not valid yet. */
  readonly notBefore: At | null;
  /** The ranges of addresses from which the key may be used, in canonical form. Empty: from anywhere. */
  readonly allowedAddresses: readonly string[];
  /** The announced brownouts in which the key is enrolled and that are not over. */
  readonly brownouts: readonly BrownoutWindow[];
  readonly foldsCase: boolean;
  /** The actions that the realm's catalogue has or ever had. */
  readonly actions: ReadonlySet<string>;
}

/** Returns when time alone ends a secret: at its retirement or at the HARD expiry of its key. Null: never. */
export function secretEndsAt(facts: Pick<VerificationFacts, 'retiresAt' | 'expiresAt' | 'expiryBasis'>): Date | null {
  return earliest(facts.retiresAt, facts.expiryBasis === 'HARD' ? facts.expiresAt : null);
}

/** The action and resource for which a secret is verified. */
export interface Purpose {
  readonly action: string;
  readonly resource: string;
}

/** Whether an outcome that was true can have become no better since: any other may have been lifted elsewhere. */
export function isSettled(outcome: Outcome): outcome is 'VALID' | 'KEY_REVOKED' {
  return outcome === 'VALID' || outcome === 'KEY_REVOKED';
}

/**
 * Returns the outcome of a verification. Law 1: no secret is valid at or after its key's HARD expiry, its own retirement or a
 * revocation. Without a purpose the scopes are not checked. `address`: where the secret was sent from; null: unknown, and a key with allowed addresses is refused.
 */
export function outcomeOf(
  facts: VerificationFacts<DateOrMs>,
  purpose: Purpose | null,
  now: DateOrMs,
  address: string | null = null,
): Outcome {
  const outcome = outcomeOfState(facts, now, address);
  return outcome === 'VALID' && purpose !== null ? outcomeOfPurpose(facts, purpose) : outcome;
}

/** Returns the outcome without a purpose: the first part of `outcomeOf`. */
export function outcomeOfState(
  facts: VerificationFacts<DateOrMs>,
  now: DateOrMs,
  address: string | null = null,
): Outcome {
  if (facts.revokedAt !== null) return 'KEY_REVOKED';
  if (hasCome(facts.retiresAt, now)) return 'SECRET_RETIRED';
  if (expiredAt(facts, now) !== null) return 'KEY_EXPIRED';
  if (facts.isHeld) return 'KEY_HELD';
  if (facts.notBefore !== null && !hasCome(facts.notBefore, now)) return 'NOT_YET_VALID';
  if (facts.allowedAddresses.length > 0 && !isAddressIn(facts.allowedAddresses, address)) return 'ADDRESS_NOT_ALLOWED';
  if (facts.brownouts.length > 0 && brownoutAt(facts.brownouts, now) !== null) return 'BROWNOUT';
  return 'VALID';
}

/** Returns the outcome for a purpose of a key that is valid without one: the second part, which no time and no address changes. */
export function outcomeOfPurpose(
  facts: Pick<VerificationFacts, 'actions' | 'scopes' | 'foldsCase'>,
  { action, resource }: Purpose,
): 'ACTION_UNKNOWN' | 'SCOPE_MISSING' | 'VALID' {
  if (!facts.actions.has(action) && !isReservedAction(action)) return 'ACTION_UNKNOWN';
  return covers(facts.scopes, action, resource, { foldsCase: facts.foldsCase }) ? 'VALID' : 'SCOPE_MISSING';
}
