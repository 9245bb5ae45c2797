import type { Facts, KeyFacts, OwnerFacts, RealmFacts, RequestFacts, UseFacts } from '../contract.ts';
import { DAY } from '../contract.ts';

/** The facts that matter to a case. */
export interface PartialFacts {
  readonly key?: Partial<KeyFacts>;
  readonly use?: Partial<UseFacts>;
  readonly owner?: Partial<OwnerFacts>;
  readonly request?: RequestFacts;
  readonly realm?: Partial<RealmFacts>;
}

const ISSUED_AT = Date.UTC(2026, 0, 1);

/**
 * Completes the given facts consistently. By default the key was issued on 2026-01-01 without an expiry of its own, was never used,
 * renewed or rotated, and belongs to an account that was created with it and is not disabled. `activeAt` is the last given activity.
 */
export function completeFacts({ key = {}, use = {}, owner = {}, request, realm = {} }: PartialFacts = {}): Facts {
  const whole = completeKey(key);
  return {
    key: whole,
    use: completeUse(use, whole),
    owner: {
      id: 'account-1',
      kind: 'ACCOUNT',
      lastSignInAt: null,
      createdAt: whole.createdAt,
      isEmailVerified: true,
      disabledAt: null,
      memberCount: 1,
      ...owner,
    },
    request: request ?? null,
    realm: { slug: 'default', shortestLifetime: DAY, longestLifetime: 365 * DAY, freezes: [], ...realm },
  };
}

function completeKey(given: Partial<KeyFacts>): KeyFacts {
  const { createdAt = ISSUED_AT, renewedAt = null, chosenExpiresAt = null } = given;
  const grantedAt = given.grantedAt ?? createdAt;
  return {
    id: 'key-1',
    name: 'a key',
    createdAt,
    grantedAt,
    renewedAt,
    renewalCount: renewedAt === null ? 0 : 1,
    chosenExpiresAt,
    lifetime: chosenExpiresAt === null ? null : chosenExpiresAt - grantedAt,
    secretCreatedAt: createdAt,
    secretGeneration: 1,
    isChild: false,
    labels: {},
    scopes: [{ action: 'package:push', resource: '**' }],
    ...given,
  };
}

function completeUse(given: Partial<UseFacts>, { grantedAt, renewedAt }: KeyFacts): UseFacts {
  const { lastUsedAt = given.firstUsedAt ?? null } = given;
  return {
    activeAt: Math.max(grantedAt, renewedAt ?? grantedAt, lastUsedAt ?? grantedAt),
    firstUsedAt: lastUsedAt,
    lastUsedAt,
    days: [],
    consumers: [],
    ...given,
  };
}
