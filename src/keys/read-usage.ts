import { DAY_MS } from '../domain/duration.ts';
import { badUserInput } from '../domain/request-error.ts';
import { monthOf } from '../domain/usage-day.ts';
import { outcomes, type Outcome } from '../domain/verification.ts';
import type { Transaction } from '../store/core.ts';

/** The longest period that is read, and the default one, in days: usage is retained as long as the longest. */
const PERIOD_DAYS = { default: 30, most: 400 };

/** How many consumers of a key are returned: the latest. */
const CONSUMERS_MAX = 1_000;

type Client = Pick<Transaction, '$queryRaw'>;

/** The days of a period, as days since 1970 (UTC), both included. */
export interface UsagePeriod {
  readonly from: number;
  readonly to: number;
}

/** How often verifications had an outcome on a day. */
export interface UsageDay {
  /** Days since 1970 (UTC). */
  readonly day: number;
  readonly outcome: Outcome;
  readonly count: number;
}

/** The use of one secret of a key by one consumer. */
export interface ConsumerUsage {
  /** Empty: the verifiers named none. */
  readonly name: string;
  readonly firstUsedAt: Date;
  readonly lastUsedAt: Date;
  readonly count: number;
  readonly generation: number;
}

export interface KeyUsage {
  readonly consumers: readonly ConsumerUsage[];
  readonly days: readonly UsageDay[];
}

/**
 * Returns the days from an instant to another. Default: the last 30 days.
 *
 * @throws BAD_USER_INPUT if the period is empty or longer than 400 days.
 */
export function toUsagePeriod(from: Date | null, to: Date | null, now: Date): UsagePeriod {
  const end = (to ?? now).getTime();
  const start = from?.getTime() ?? end - PERIOD_DAYS.default * DAY_MS;
  const period = { from: Math.floor(start / DAY_MS), to: Math.floor(end / DAY_MS) };
  const dayCount = period.to - period.from + 1;
  if (dayCount >= 1 && dayCount <= PERIOD_DAYS.most + 1) return period;
  throw badUserInput(`from, to: found ${Math.max(0, dayCount)} days; expected 1 to ${PERIOD_DAYS.most}.`);
}

/** Reads how some keys were used in a period, by key. A key that was not used has no entry. */
export async function readKeyUsage(
  client: Client,
  keyIds: readonly string[],
  { from, to }: UsagePeriod,
): Promise<ReadonlyMap<string, KeyUsage>> {
  const ids = [...keyIds];
  const days = await client.$queryRaw<(UsageDay & { keyId: string })[]>`
    SELECT "keyId", day, outcome, count::float8 AS count FROM (
      SELECT m."keyId", d.day, 'VALID' AS outcome, d.count
      FROM "UseMonth" m CROSS JOIN LATERAL (
        SELECT (date '1970-01-01' + m.month * interval '1 month')::date - date '1970-01-01' + c.number::int - 1 AS day, c.count
        FROM unnest(m.counts) WITH ORDINALITY AS c(count, number)) AS d
      WHERE m."keyId" = ANY(${ids}) AND m.month BETWEEN ${monthOf(from)} AND ${monthOf(to)} AND d.count > 0
      UNION ALL
      SELECT "keyId", day, outcome, sum(count) FROM "Refusal" WHERE "keyId" = ANY(${ids}) GROUP BY 1, 2, 3) AS counted
    WHERE day BETWEEN ${from} AND ${to} AND outcome = ANY(${[...outcomes]}) ORDER BY "keyId", day, outcome`;
  const consumers = await client.$queryRaw<(ConsumerUsage & { keyId: string })[]>`
    SELECT s."keyId", u.* FROM "Secret" s CROSS JOIN LATERAL (
      SELECT consumer AS name, "firstUsedAt", "lastUsedAt", "useCount"::float8 AS count, s.generation
      FROM "Use" WHERE "secretId" = s.id AND "firstUsedAt" < ${toInstant(to + 1)} AND "lastUsedAt" >= ${toInstant(from)}) AS u
    WHERE s."keyId" = ANY(${ids}) ORDER BY u."lastUsedAt" DESC, u.name, u.generation`;
  const [daysOf, consumersOf] = [Map.groupBy(days, keyIdOf), Map.groupBy(consumers, keyIdOf)];
  return new Map(
    ids.map((id) => [
      id,
      { days: daysOf.get(id) ?? [], consumers: (consumersOf.get(id) ?? []).slice(0, CONSUMERS_MAX) },
    ]),
  );
}

/** Reads how often the keys of a realm were verified, by outcome and day. */
export async function readRealmUsage(
  client: Client,
  realmId: string,
  { from, to }: UsagePeriod,
): Promise<readonly UsageDay[]> {
  return client.$queryRaw<UsageDay[]>`
    SELECT day, outcome, count::float8 AS count FROM "RealmUsage"
    WHERE "realmId" = ${realmId} AND day BETWEEN ${from} AND ${to} AND outcome = ANY(${[...outcomes]})
    ORDER BY day, outcome`;
}

function keyIdOf({ keyId }: { readonly keyId: string }): string {
  return keyId;
}

/** Returns the first instant of a day. */
function toInstant(day: number): Date {
  return new Date(day * DAY_MS);
}
