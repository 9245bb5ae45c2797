import { Prisma } from '../../prisma/generated/client/client.ts';
import type { TimelinePeriods } from '../domain/timeline.ts';
import type { Transaction } from '../store/core.ts';
import { keyCondition } from '../store/where-sql.ts';
import { keysInState, keysWithAutomation, stoppingKeys } from './key-conditions.ts';
import { liveKeys } from './live-keys.ts';

type Db = Pick<Transaction, '$queryRaw'>;

/** What a timeline counts in each period. */
export const timelineMarks = ['BY_HAND', 'BY_ITSELF', 'RENEWAL', 'RETIREMENT', 'STOPPED'] as const;

type TimelineMark = (typeof timelineMarks)[number];

/** How many marks of each kind there are in each period. */
export type TimelineCounts = Readonly<Record<TimelineMark, readonly number[]>>;

/** By what keys are grouped into lanes. */
export type TimelineGroup = 'OWNER' | 'REALM';

export interface TimelineLane {
  /** Id of the owner or of the realm. */
  readonly id: string;
  /** How many keys stop in all periods unless a person acts: the order of lanes. */
  readonly byHandCount: number;
  readonly counts: TimelineCounts;
}

/** The lane after which a page begins. */
export type LanePosition = Pick<TimelineLane, 'id' | 'byHandCount'>;

interface CountedRow {
  readonly lane: string;
  readonly kind: TimelineMark;
  readonly period: number;
  readonly count: number;
  readonly byHandCount: number;
}

/** Counts what happens to the keys of a condition in each period, in one statement. */
export async function countTimeline(
  db: Db,
  where: Prisma.KeyWhereInput,
  periods: TimelinePeriods,
  now: Date,
): Promise<TimelineCounts> {
  const rows = await db.$queryRaw<CountedRow[]>`
    WITH ${selectMarks(where, periods, now, Prisma.sql`''`)}
    SELECT lane, kind, period, count(*)::int AS count, 0 AS "byHandCount" FROM marks GROUP BY lane, kind, period`;
  return toCounts(rows, periods);
}

/**
 * Counts the same by lane, in one statement: those with the most stops by hand first. Lanes without a mark are left out.
 * Returns one lane more than `size` if there are more.
 */
export async function countLanes(
  db: Db,
  where: Prisma.KeyWhereInput,
  periods: TimelinePeriods,
  now: Date,
  page: { readonly groupBy: TimelineGroup; readonly size: number; readonly after: LanePosition | null },
): Promise<TimelineLane[]> {
  const { groupBy, size, after } = page;
  const lane =
    groupBy === 'REALM'
      ? Prisma.sql`k."realmId"`
      : Prisma.sql`coalesce(k."accountId", k."organizationId", k."subjectId")`;
  const isAfter =
    after === null
      ? Prisma.sql`TRUE`
      : Prisma.sql`("byHandCount" < ${after.byHandCount} OR "byHandCount" = ${after.byHandCount} AND lane COLLATE "C" > ${after.id})`;
  const rows = await db.$queryRaw<CountedRow[]>`
    WITH ${selectMarks(where, periods, now, lane)}, lanes AS (
      SELECT lane, count(*) FILTER (WHERE kind = 'BY_HAND')::int AS "byHandCount" FROM marks GROUP BY lane
    ), page AS (
      SELECT * FROM lanes WHERE ${isAfter} ORDER BY "byHandCount" DESC, lane COLLATE "C" LIMIT ${size + 1}
    )
    SELECT lane, kind, period, count(*)::int AS count, "byHandCount" FROM marks JOIN page USING (lane)
    GROUP BY lane, kind, period, "byHandCount" ORDER BY "byHandCount" DESC, lane COLLATE "C"`;
  const lanes = Map.groupBy(rows, (row) => row.lane);
  return [...lanes].map(([id, counted]) => ({
    id,
    byHandCount: counted[0]?.byHandCount ?? 0,
    counts: toCounts(counted, periods),
  }));
}

/**
 * Returns the table expression `marks`: one row for each mark of each key within the periods. Each key of the condition is
 * read once. A stop that is to come is by hand unless a program renews the key and is not late.
 */
function selectMarks(where: Prisma.KeyWhereInput, periods: TimelinePeriods, now: Date, lane: Prisma.Sql): Prisma.Sql {
  const { from, to, stepMs } = periods;
  const condition = (part: Prisma.KeyWhereInput) => keyCondition(part);
  const inTime = { gte: from, lt: to };
  const periodOf = Prisma.sql`floor((extract(epoch FROM at) * 1000 - ${BigInt(from.getTime())}) / ${BigInt(stepMs)})::int`;
  const withinTime = Prisma.sql`at >= ${from} AND at < ${to}`;
  return Prisma.sql`chosen AS MATERIALIZED (
      SELECT k.id, ${lane} AS lane, k."stopsAt", k."renewalDueAt", coalesce(k."expiredAt", k."expiresAt") AS "endedAt",
        ${condition(stoppingKeys({ gt: now, ...inTime }))} AS "isStopping",
        ${condition(keysWithAutomation('WORKING', now))} AS "isAutomated",
        ${condition(liveKeys(now))} AS "isLive",
        ${condition(keysInState('EXPIRED', now))} AS "isExpired"
      FROM "Key" k WHERE ${condition(where)}
    ), dated AS (
      SELECT lane, CASE WHEN "isAutomated" THEN 'BY_ITSELF' ELSE 'BY_HAND' END AS kind, "stopsAt" AS at
      FROM chosen WHERE "isStopping"
      UNION ALL
      SELECT lane, 'RENEWAL', "renewalDueAt" FROM chosen WHERE "isLive" AND "isAutomated"
      UNION ALL
      SELECT lane, 'RETIREMENT', s."retiresAt" FROM chosen JOIN "Secret" s ON s."keyId" = chosen.id
      WHERE "isLive" AND s."retiresAt" > ${now}
      UNION ALL
      SELECT lane, 'STOPPED', "endedAt" FROM chosen WHERE "isExpired"
      UNION ALL
      SELECT lane, 'STOPPED', h.since FROM chosen JOIN "Hold" h ON h."keyId" = chosen.id
      WHERE "isLive" AND h.source = 'POLICY'
    ), marks AS (SELECT lane, kind, ${periodOf} AS period FROM dated WHERE ${withinTime})`;
}

function toCounts(rows: readonly CountedRow[], { count: periodCount }: TimelinePeriods): TimelineCounts {
  const empty = () => Array.from({ length: periodCount }, () => 0);
  const counts: Record<TimelineMark, number[]> = {
    BY_HAND: empty(),
    BY_ITSELF: empty(),
    RENEWAL: empty(),
    RETIREMENT: empty(),
    STOPPED: empty(),
  };
  for (const { kind, period, count } of rows) counts[kind][period] = count;
  return counts;
}
