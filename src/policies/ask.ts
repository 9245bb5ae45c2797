import type { Key, Realm } from '../../prisma/generated/client/client.ts';
import type { Verdict } from '../domain/verdict.ts';
import { builtInPolicy } from './built-in.ts';
import type { Facts } from './contract.ts';

/** What of a key and its realm policy is told. */
export type JudgedKey = Pick<Key, 'createdAt' | 'grantedAt' | 'chosenExpiresAt' | 'activeAt' | 'lastUsedAt'> & {
  readonly realm: Pick<Realm, 'shortestLifetimeMs' | 'longestLifetimeMs'>;
};

/** What policy says of a key at a moment. Pure: it reads nothing but what it is given. */
export function askPolicy(key: JudgedKey, moment: Date): Verdict {
  const facts: Facts = {
    key: { createdAt: key.createdAt, grantedAt: key.grantedAt, chosenExpiresAt: key.chosenExpiresAt },
    use: { activeAt: key.activeAt, lastUsedAt: key.lastUsedAt },
    realm: {
      shortestLifetimeMs: Number(key.realm.shortestLifetimeMs),
      longestLifetimeMs: Number(key.realm.longestLifetimeMs),
    },
  };
  return {
    expiry: builtInPolicy.expiry(facts, moment),
    renewal: builtInPolicy.renewal(facts, moment),
    dormancy: builtInPolicy.dormancy(facts, moment),
  };
}
