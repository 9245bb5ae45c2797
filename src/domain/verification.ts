import { expiredAt, hasCome, type KeyLifecycle } from './key.ts';
import { covers, type Scope } from './scope.ts';

/** The answers of a verification, strongest first: an earlier one hides a later one. */
export const outcomes = [
  'KEY_UNKNOWN',
  'KEY_REVOKED',
  'SECRET_RETIRED',
  'KEY_EXPIRED',
  'KEY_HELD',
  'SCOPE_MISSING',
  'VALID',
] as const;

export type Outcome = (typeof outcomes)[number];

/** All that a verification looks at, once the whole secret's digest has been found in the caller's realm. */
export interface VerificationFacts extends KeyLifecycle {
  readonly scopes: readonly Scope[];
  readonly retiresAt: Date | null;
  readonly foldsCase: boolean;
}

/** What the secret is to be used for; null: nothing was said, and scopes are not checked. */
export interface Purpose {
  readonly action: string;
  readonly resource: string;
}

/** Law 1: no secret is good at or after its key's HARD stop, its own retirement or a revocation. */
export function outcomeOf(facts: VerificationFacts, purpose: Purpose | null, now: Date): Outcome {
  if (facts.revokedAt !== null) return 'KEY_REVOKED';
  if (hasCome(facts.retiresAt, now)) return 'SECRET_RETIRED';
  if (expiredAt(facts, now) !== null) return 'KEY_EXPIRED';
  if (facts.isHeld) return 'KEY_HELD';
  if (purpose !== null && !covers(facts.scopes, purpose.action, purpose.resource, { foldsCase: facts.foldsCase })) {
    return 'SCOPE_MISSING';
  }
  return 'VALID';
}

/** A sentence for whoever holds the secret: what is so, and what to do. */
export const outcomeMessages: Record<Outcome, string> = {
  KEY_UNKNOWN: 'No key of this realm has this secret. Check that it was copied whole and belongs here.',
  KEY_REVOKED: 'The key was revoked and will not work again. Ask its owner for a new one.',
  SECRET_RETIRED: 'The key was rotated and this secret has retired. Deploy the newer secret.',
  KEY_EXPIRED: 'The key has expired. Its owner can renew it within 30 days, signed in; after that, issue a new one.',
  KEY_HELD: 'The key is held. Its owner can see why and resume it.',
  SCOPE_MISSING: 'The key is good, but none of its scopes covers this action on this resource.',
  VALID: 'The key is good.',
};
