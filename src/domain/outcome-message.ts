import { brownoutAt } from './brownout.ts';
import { describeDuration } from './duration.ts';
import { expiredAt, hasCome } from './key.ts';
import { mayWorkAgain, REVIVAL_MS, revivalEndsAt } from './life.ts';
import type { Outcome, Purpose, VerificationFacts } from './verification.ts';

/** What the message for the holder of a secret depends on, beside what the outcome depends on. */
export interface MessageFacts extends VerificationFacts {
  readonly realmSlug: string;
  /** The sources of its holds: OWNER, ADMINISTRATOR, MANAGER, POLICY, LEAK. Empty: it is not held. */
  readonly holdSources: readonly string[];
  /** The token rule that exchanged a token for the key; null: it was not exchanged. */
  readonly tokenRuleId: string | null;
}

/** The messages that need no facts of the key: for the holder of the secret, the outcome and what to do. */
export const outcomeMessages: Record<Outcome, string> = {
  KEY_UNKNOWN: 'No key of this realm has this secret. Check that it was copied completely and belongs to this realm.',
  KEY_REVOKED: 'The key was revoked and will not work again. Ask its owner for a new key.',
  SECRET_RETIRED: 'This secret has retired: the key has another secret now. Deploy the current secret.',
  KEY_EXPIRED: `The key has expired. Its owner can sign in and renew it within ${describeDuration(REVIVAL_MS)}. After that, issue a new key.`,
  KEY_HELD: 'The key is held. Its owner can see why and resume it.',
  NOT_YET_VALID: 'The key is not valid yet.',
  ADDRESS_NOT_ALLOWED:
    'The key is good, but may not be used from this address. Its owner can see and change the list of addresses.',
  BROWNOUT:
    'The key is good, but in a brownout that was announced: a rehearsal of its end, in which its owner enrolled it. Try again when it is over.',
  ACTION_UNKNOWN:
    'The realm has never had this action. The API that verifies the key must name an action of the realm; the key may be good.',
  SCOPE_MISSING: 'The key is valid, but none of its scopes covers this action on this resource.',
  VALID: 'The key is valid.',
};

/** The messages for a held key by who holds it: the strictest hold first. */
const heldMessages: ReadonlyMap<string, string> = new Map([
  ['ADMINISTRATOR', 'An administrator holds the key. Only an administrator can resume it: ask one.'],
  [
    'LEAK',
    'The key is held because its secret leaked. Its owner should rotate it with a grace period of 0, then resume it.',
  ],
  ['MANAGER', 'The API that manages the key holds it: ask there.'],
  ['POLICY', 'A policy holds the key. Its owner can see why and resume it.'],
  ['OWNER', 'Its owner holds the key, and can resume it.'],
]);

/** Returns the message for the holder of a secret: the outcome, and what can be done about it in this key's state. */
export function messageOf(outcome: Outcome, facts: MessageFacts, purpose: Purpose | null, now: Date): string {
  switch (outcome) {
    case 'KEY_REVOKED':
      return `The key was revoked${onMoment(facts.revokedAt)} and will not work again. Ask its owner for a new key.`;
    case 'SECRET_RETIRED':
      return `This secret retired${onMoment(facts.retiresAt)}: the key has another secret now. Deploy the current secret.`;
    case 'KEY_EXPIRED':
      return expiredMessage(facts, now);
    case 'KEY_HELD': {
      const [source = ''] = [...heldMessages.keys()].filter((name) => facts.holdSources.includes(name));
      return heldMessages.get(source) ?? outcomeMessages.KEY_HELD;
    }
    case 'NOT_YET_VALID':
      return `The key is not valid before ${facts.notBefore?.toISOString() ?? ''}. Use it from then on.`;
    case 'BROWNOUT':
      return brownoutMessage(new Date(brownoutAt(facts.brownouts, now)?.to ?? now));
    case 'ACTION_UNKNOWN':
      return `Realm ${facts.realmSlug} has never had the action ${purpose?.action ?? ''}. The API that verifies the key must name an action of the realm; the key may be good.`;
    case 'SCOPE_MISSING': {
      const use = `${purpose?.action ?? ''} on ${purpose?.resource ?? ''}`;
      return `The key is valid, but none of its scopes covers ${use}. Ask its owner for a key with such a scope.`;
    }
    default:
      return outcomeMessages[outcome];
  }
}

/** Returns the message for the holder of a key that is in a brownout until a moment. */
export function brownoutMessage(endsAt: Date): string {
  return `The key is good, but until ${endsAt.toISOString()} it is in a brownout that was announced: a rehearsal of its end, in which its owner enrolled it. Try again then, and replace the key before its end.`;
}

function expiredMessage(facts: MessageFacts, now: Date): string {
  const endedAt = expiredAt(facts, now);
  const isByTime = facts.expiryBasis === 'HARD' && endedAt !== null && hasCome(facts.expiresAt, endedAt);
  const cause = isByTime ? '' : ' by a policy; its owner can see why';
  const found = `The key expired${onMoment(endedAt)}${cause}.`;
  if (facts.tokenRuleId !== null) return `${found} It was issued in exchange for a token: exchange another token.`;
  if (endedAt === null || !mayWorkAgain(facts, now)) {
    return `${found} It is too late to renew it. Ask its owner for a new key.`;
  }
  return `${found} Its owner can sign in and renew it until ${revivalEndsAt(endedAt).toISOString()}.`;
}

function onMoment(at: Date | null): string {
  return at === null ? '' : ` at ${at.toISOString()}`;
}
