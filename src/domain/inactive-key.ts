import { expiredAt, hasCome, type KeyLifecycle } from './key.ts';
import { mayWorkAgain, revivalEndsAt } from './life.ts';

/** A key that is not active, as far as a message about it depends on it. */
export interface InactiveKey extends KeyLifecycle {
  readonly holdSources: readonly string[];
  /** The token rule that exchanged a token for the key; null: it was not exchanged. */
  readonly tokenRuleId: string | null;
}

/** What the caller can do about the state of a key. */
export interface StateAccess {
  /** Whether the caller is an account that may resume, rotate and revive the key. */
  readonly mayManage: boolean;
  /** Whether the caller may lift the holds of administrators too. */
  readonly mayLiftAll: boolean;
}

interface Explanation {
  readonly found: string;
  /** What this caller can do, or whom to ask. */
  readonly remedy: string;
}

/** Returns what is the matter with a key that is held or has ended, and the one thing that this caller can do about it. */
export function explainInactiveKey(key: InactiveKey, access: StateAccess, now: Date): Explanation {
  if (key.revokedAt !== null) {
    return {
      found: `The key was revoked at ${key.revokedAt.toISOString()}, for good.`,
      remedy: access.mayManage ? 'Issue a new key.' : 'Ask its owner for a new key.',
    };
  }
  const endedAt = expiredAt(key, now);
  return endedAt === null ? explainHold(key.holdSources, access) : explainExpiry(key, endedAt, access, now);
}

function explainExpiry(key: InactiveKey, endedAt: Date, { mayManage }: StateAccess, now: Date): Explanation {
  const isByTime = key.expiryBasis === 'HARD' && hasCome(key.expiresAt, endedAt);
  const cause = isByTime ? '' : ' by a policy; its explanation says why';
  const found = `The key expired at ${endedAt.toISOString()}${cause}.`;
  if (key.tokenRuleId !== null) {
    return { found, remedy: 'It was issued in exchange for a token and cannot be renewed: exchange another token.' };
  }
  if (!mayWorkAgain(key, now)) {
    const remedy = mayManage ? 'issue a new key.' : 'ask its owner for a new key.';
    return { found, remedy: `It is too late to renew it: ${remedy}` };
  }
  const until = revivalEndsAt(endedAt).toISOString();
  return {
    found,
    remedy: mayManage ? `To use it again, renew it before ${until}.` : `Ask its owner to renew it before ${until}.`,
  };
}

function explainHold(sources: readonly string[], { mayManage, mayLiftAll }: StateAccess): Explanation {
  if (sources.includes('ADMINISTRATOR') && !mayLiftAll) {
    return {
      found: 'An administrator holds the key.',
      remedy: 'Only an administrator can resume it: ask one.',
    };
  }
  if (sources.includes('LEAK')) {
    const found = 'The key is held because its secret leaked.';
    return mayManage
      ? { found, remedy: 'Rotate it with a grace period of 0, then resume it.' }
      : { found, remedy: 'Ask its owner to rotate it with a grace period of 0, then to resume it.' };
  }
  if (sources.includes('MANAGER') && !mayLiftAll) {
    return {
      found: 'The API that manages the key holds it.',
      remedy: 'Ask the API to resume it.',
    };
  }
  const remedy = mayManage ? 'Resume it first.' : 'Ask its owner to resume it.';
  if (sources.includes('ADMINISTRATOR')) return { found: 'An administrator holds the key.', remedy };
  if (sources.includes('POLICY')) return { found: 'A policy holds the key; its explanation says why.', remedy };
  return { found: 'Its owner holds the key.', remedy };
}
