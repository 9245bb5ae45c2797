import { describeDuration } from './duration.ts';
import { expiredAt, hasCome, type KeyLifecycle } from './key.ts';
import { REVIVAL_MS } from './life.ts';
import { covers, type Scope } from './scope.ts';

/** The outcomes of a verification, strongest first: an earlier one takes precedence over a later one. */
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

/** The facts that decide a verification, once the digest of the secret has been found in the caller's realm. */
export interface VerificationFacts extends KeyLifecycle {
  readonly scopes: readonly Scope[];
  readonly retiresAt: Date | null;
  readonly foldsCase: boolean;
}

/** The action and resource for which a secret is verified. */
export interface Purpose {
  readonly action: string;
  readonly resource: string;
}

/**
 * Returns the outcome of a verification. Law 1: no secret is valid at or after its key's HARD expiry, its own retirement or a
 * revocation. Without a purpose the scopes are not checked.
 */
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

/** The messages for a held key by who holds it: the strictest hold first. */
const heldMessages: ReadonlyMap<string, string> = new Map([
  ['ADMINISTRATOR', 'An administrator holds the key. Only an administrator can resume it: ask one.'],
  [
    'LEAK',
    'The key is held because its secret leaked. Its owner should rotate it with a grace period of 0, then resume it.',
  ],
  ['POLICY', 'A policy holds the key. Its owner can see why and resume it.'],
]);

/** Returns the message for the holder of a secret. For a held key it says who can resume it. */
export function messageOf(outcome: Outcome, { holdSources }: { readonly holdSources: readonly string[] }): string {
  const [source = ''] = [...heldMessages.keys()].filter((name) => holdSources.includes(name));
  return (outcome === 'KEY_HELD' ? heldMessages.get(source) : undefined) ?? outcomeMessages[outcome];
}

/** A message for the holder of the secret: the outcome, and what to do. */
export const outcomeMessages: Record<Outcome, string> = {
  KEY_UNKNOWN: 'No key of this realm has this secret. Check that it was copied completely and belongs to this realm.',
  KEY_REVOKED: 'The key was revoked and will not work again. Ask its owner for a new key.',
  SECRET_RETIRED: 'This secret has retired: the key has another secret now. Deploy the current secret.',
  KEY_EXPIRED: `The key has expired. Its owner can sign in and renew it within ${describeDuration(REVIVAL_MS)}. After that, issue a new key.`,
  KEY_HELD: 'The key is held. Its owner can see why and resume it.',
  SCOPE_MISSING: 'The key is valid, but none of its scopes covers this action on this resource.',
  VALID: 'The key is valid.',
};
