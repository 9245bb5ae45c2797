import { Prisma } from '../../prisma/generated/client/client.ts';
import { daysOfBits, USE_DAYS_MAX } from '../domain/day-bits.ts';
import { dayOf } from '../domain/usage-day.ts';
import { arrayLiteral } from '../store/array-literal.ts';
import type { Transaction } from '../store/core.ts';
import type { UsagePeriod } from './read-usage.ts';

/** How many consumers of a key are returned: the latest. */
const CONSUMERS_MAX = 1_000;

/** The days on which a consumer used a key successfully, with any of its secrets. */
export interface ConsumerDays {
  /** Empty: the verifiers named none. `(others)`: the consumers beyond the first 200 of a secret. */
  readonly consumer: string;
  /** The first and the last success, also outside of the period. */
  readonly firstUsedAt: Date;
  readonly lastUsedAt: Date;
  /** The generation of the secret that last succeeded. */
  readonly generation: number;
  /** Days since 1970 (UTC), in the period, the earliest first. */
  readonly days: readonly number[];
}

/** The days of a row `known` of Use whose writer knew no days: the one of its last use, if any. */
const lastDay = Prisma.sql`coalesce(known."lastDay", floor(extract(epoch FROM known."lastUsedAt") / 86400)::int)`;
const days = Prisma.sql`coalesce(known.days, B'1')`;

/**
 * SQL: the days of a row `known` of Use with the day of the row `excluded` added. Both are texts of bits, as `daysOfBits` reads
 * them: a later day becomes the first bit, and what is then more than 400 days before it is dropped.
 */
export const daysWithNew = Prisma.sql`
  CASE WHEN known."lastDay" = excluded."lastDay" THEN known.days
       WHEN ${lastDay} IS NULL THEN excluded.days
       WHEN excluded."lastDay" >= ${lastDay}
         THEN substring(excluded.days
                        || repeat('0', least(excluded."lastDay" - ${lastDay} - 1, ${USE_DAYS_MAX}::int))::varbit
                        || CASE WHEN excluded."lastDay" = ${lastDay} THEN B'' ELSE ${days} END FROM 1 FOR ${USE_DAYS_MAX}::int)
       WHEN ${lastDay} - excluded."lastDay" >= ${USE_DAYS_MAX}::int THEN ${days}
       WHEN ${lastDay} - excluded."lastDay" < length(${days}) THEN set_bit(${days}, ${lastDay} - excluded."lastDay", 1)
       ELSE ${days} || repeat('0', ${lastDay} - excluded."lastDay" - length(${days}))::varbit || excluded.days END`;

interface Row {
  readonly keyId: string;
  readonly generation: number;
  readonly consumer: string;
  readonly firstUsedAt: Date;
  readonly lastUsedAt: Date;
  readonly lastDay: number | null;
  readonly days: string | null;
}

/**
 * Reads on which days of a period the consumers of some keys used them, by key, the latest consumer first. A key that was not used
 * in the period has no entry. Use is retained by day for the last 400 days before a consumer's last use of a secret.
 */
export async function readConsumerDays(
  client: Pick<Transaction, '$queryRaw'>,
  keyIds: readonly string[],
  period: UsagePeriod,
): Promise<ReadonlyMap<string, readonly ConsumerDays[]>> {
  const rows = await client.$queryRaw<Row[]>`
    SELECT s."keyId", s.generation, u.consumer, u."firstUsedAt", u."lastUsedAt", u."lastDay", u.days::text AS days
    FROM "Secret" s JOIN "Use" u ON u."secretId" = s.id
    WHERE s."keyId" = ANY(${arrayLiteral(keyIds)}::text[]) AND u."lastUsedAt" IS NOT NULL`;
  const found = new Map<string, readonly ConsumerDays[]>();
  for (const [keyId, ofKey] of Map.groupBy(rows, (row) => row.keyId)) {
    const consumers = [...Map.groupBy(ofKey, ({ consumer }) => consumer).values()]
      .map((ofConsumer) => mergeSecrets(ofConsumer, period))
      .filter((use) => use.days.length > 0)
      .toSorted((a, b) => b.lastUsedAt.getTime() - a.lastUsedAt.getTime())
      .slice(0, CONSUMERS_MAX);
    if (consumers.length > 0) found.set(keyId, consumers);
  }
  return found;
}

/** Merges the uses of a key's secrets by one consumer. There is at least one. */
function mergeSecrets(rows: readonly Row[], period: UsagePeriod): ConsumerDays {
  const latest = rows.reduce((a, b) => (b.lastUsedAt > a.lastUsedAt ? b : a));
  const used = new Set<number>();
  for (const { firstUsedAt, lastUsedAt, lastDay, days } of rows) {
    // A release without days wrote the row, or wrote it last.
    for (const day of [dayOf(firstUsedAt.getTime()), dayOf(lastUsedAt.getTime())])
      if (day >= period.from && day <= period.to) used.add(day);
    if (lastDay !== null && days !== null) for (const day of daysOfBits(lastDay, days, period)) used.add(day);
  }
  return {
    consumer: latest.consumer,
    firstUsedAt: new Date(Math.min(...rows.map(({ firstUsedAt }) => firstUsedAt.getTime()))),
    lastUsedAt: latest.lastUsedAt,
    generation: latest.generation,
    days: [...used].toSorted((a, b) => a - b),
  };
}
