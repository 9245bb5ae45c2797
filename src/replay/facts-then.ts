import { DAY_MS } from '../domain/duration.ts';
import type { Facts, OwnerFacts, Reading } from '../policies/contract.ts';
import { factsFor, type KnownKey } from '../policies/facts.ts';
import type { KeyHistory } from './load-histories.ts';

/**
 * Returns the facts of a key as they were after one of its activities, for a module with these `reads`. What is not recorded by
 * day is as it is now, and never later than that moment: name, labels, scopes, the chosen expiry and the owner.
 */
export function factsThen(
  history: KeyHistory,
  place: number,
  owner: OwnerFacts,
  realm: Facts['realm'],
  reads: readonly Reading[],
): Facts {
  const at = history.activities[place]?.at ?? 0;
  const { days, consumers } = history;
  const usedDays = reads.includes('DAYS') ? days.filter((day) => day * DAY_MS <= at) : [];
  const usedBy = reads.includes('CONSUMERS') ? consumers : [];
  const gathered = {
    days: usedDays.map((day) => day * DAY_MS),
    consumers: usedBy.flatMap((consumer) => consumerThen(consumer, at)),
    owner: { ...owner, lastSignInAt: notAfter(owner.lastSignInAt, at), disabledAt: before(owner.disabledAt, at) },
  };
  return factsFor(knownThen(history, place, at), gathered, realm, null, reads);
}

function knownThen({ loaded, activities, renewals, days }: KeyHistory, place: number, at: number): KnownKey {
  const { key, use } = loaded.input.known;
  const renewed = renewals.filter((renewal) => renewal <= at);
  const lastRenewal = renewed.at(-1) ?? null;
  const lastUse = activities.findLast(({ day }, index) => index <= place && day !== null);
  const dayBefore = days.findLast((day) => (day + 1) * DAY_MS <= at);
  const lastUsedAt = lastUse?.at ?? (dayBefore === undefined ? null : (dayBefore + 1) * DAY_MS - 1);
  return {
    key: {
      ...key,
      grantedAt: key.grantedAt <= at ? key.grantedAt : (lastRenewal ?? key.createdAt),
      renewedAt: lastRenewal,
      renewalCount: Math.max(0, key.renewalCount - (renewals.length - renewed.length)),
      secretCreatedAt: Math.min(key.secretCreatedAt, at),
    },
    use: {
      activeAt: at,
      firstUsedAt: lastUsedAt === null ? null : Math.min(use.firstUsedAt ?? lastUsedAt, lastUsedAt),
      lastUsedAt,
    },
  };
}

function consumerThen({ consumer, firstUsedAt, days }: KeyHistory['consumers'][number], at: number) {
  const lastDay = days.findLast((day: number) => day * DAY_MS <= at);
  if (firstUsedAt.getTime() > at) return [];
  const first = firstUsedAt.getTime();
  return [{ name: consumer, firstUsedAt: first, lastUsedAt: Math.max(first, (lastDay ?? 0) * DAY_MS) }];
}

function notAfter(moment: number | null, at: number): number | null {
  return moment === null ? null : Math.min(moment, at);
}

function before(moment: number | null, at: number): number | null {
  return moment !== null && moment <= at ? moment : null;
}
