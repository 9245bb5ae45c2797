import type { LoadedInput } from '../bindings/load-inputs.ts';
import { DAY_MS } from '../domain/duration.ts';
import type { Activity } from '../domain/find-stopped.ts';
import { dayOf } from '../domain/usage-day.ts';
import { readConsumerDays, type ConsumerDays } from '../keys/consumer-days.ts';
import type { UsagePeriod } from '../keys/read-usage.ts';
import { arrayLiteral } from '../store/array-literal.ts';
import type { Transaction } from '../store/core.ts';

/** The recorded history of a key that was used in the period of a replay. */
export interface KeyHistory {
  readonly loaded: LoadedInput;
  /** What was recorded of the key, from the last activity before the period on, in order. */
  readonly activities: readonly Activity[];
  /** The renewals by persons and programs, in ms since 1970, oldest first. */
  readonly renewals: readonly number[];
  /** The days of use since 1970, oldest first: before the period only the last one, unless all were requested. */
  readonly days: readonly number[];
  readonly consumers: readonly ConsumerDays[];
}

interface Row {
  readonly id: string;
  readonly beginsAt: number;
  readonly days: readonly number[] | null;
  readonly renewals: readonly number[] | null;
  readonly resumptions: readonly number[] | null;
}

/**
 * Loads the histories of some keys. Keys without use in the period are left out. `hasAllDays`: whether the days of use before the
 * period are all needed, for a module that reads them.
 */
export async function loadHistories(
  tx: Transaction,
  batch: readonly LoadedInput[],
  period: UsagePeriod,
  { hasAllDays, now }: { readonly hasAllDays: boolean; readonly now: Date },
): Promise<readonly KeyHistory[]> {
  const ids = batch.map(({ input }) => input.known.key.id);
  const used = await readConsumerDays(tx, ids, period);
  const rows = await loadRows(tx, [...used.keys()], period, hasAllDays);
  return batch.flatMap((loaded) => {
    const { id } = loaded.input.known.key;
    const [consumers, row] = [used.get(id), rows.get(id)];
    return consumers === undefined || row === undefined ? [] : [historyOf(loaded, consumers, row, period, now)];
  });
}

function historyOf(
  loaded: LoadedInput,
  consumers: readonly ConsumerDays[],
  row: Row,
  period: UsagePeriod,
  now: Date,
): KeyHistory {
  const { renewedAt } = loaded.input.known.key;
  const renewals = row.renewals ?? (renewedAt === null ? [] : [renewedAt]);
  const before = (row.days ?? []).filter((day) => day < period.from);
  const within = [...new Set(consumers.flatMap(({ days }) => days))].toSorted((a, b) => a - b);
  const days = [...before, ...within];
  const instants = [row.beginsAt, ...renewals, ...(row.resumptions ?? [])];
  const activities = [
    ...instants.map((at): Activity => ({ at, from: dayOf(at) * DAY_MS, day: null })),
    ...days.map((day): Activity => ({ at: lastMomentOf(day, now), from: day * DAY_MS, day })),
  ].toSorted((a, b) => a.at - b.at);
  const start = activities.findLastIndex(({ at }) => at < period.from * DAY_MS);
  return { loaded, activities: activities.slice(Math.max(0, start)), renewals, days, consumers };
}

/** Returns the last moment of a day; of today, now. */
export function lastMomentOf(day: number, now: Date): number {
  return Math.min((day + 1) * DAY_MS - 1, now.getTime());
}

/**
 * Loads what the histories of some keys need besides their days by consumer. Renewals and resumptions are read from the log and
 * its copies; a resumption by policy does not count as activity.
 */
async function loadRows(
  tx: Transaction,
  keyIds: readonly string[],
  { from }: UsagePeriod,
  hasAllDays: boolean,
): Promise<ReadonlyMap<string, Row>> {
  if (keyIds.length === 0) return new Map();
  const [read] = await tx.$queryRaw<[{ rows: readonly Row[] }]>`
    WITH given AS (SELECT unnest(${arrayLiteral(keyIds)}::text[]) AS id), acts AS (
      SELECT "keyId", type, floor(extract(epoch FROM at) * 1000) AS at FROM (
        SELECT "keyId", type, at FROM "Event" WHERE "keyId" IN (SELECT id FROM given)
          AND type IN ('KEY_RENEWED', 'KEY_RESUMED') AND "actorKind" <> 'SYSTEM'
        UNION
        SELECT "keyId", type, at FROM "KeyHistory" WHERE "keyId" IN (SELECT id FROM given)
          AND type IN ('KEY_RENEWED', 'KEY_RESUMED') AND "actorKind" <> 'SYSTEM') AS recorded
    ), "byKey" AS (
      SELECT "keyId", json_agg(at ORDER BY at) FILTER (WHERE type = 'KEY_RENEWED') AS renewals,
             json_agg(at) FILTER (WHERE type = 'KEY_RESUMED') AS resumptions
      FROM acts GROUP BY "keyId"
    )
    SELECT coalesce(json_agg(r), '[]') AS rows FROM (
      SELECT k.id,
             floor(extract(epoch FROM greatest(k."createdAt", k."notBefore", i."importedAt")) * 1000) AS "beginsAt",
             CASE WHEN ${hasAllDays} THEN u.days ELSE (
               SELECT array_agg(last) FROM (SELECT max(day) AS last FROM unnest(u.days) AS day WHERE day < ${from}::int) AS m
               WHERE last IS NOT NULL) END AS days,
             a.renewals, a.resumptions
      FROM "Key" k JOIN given ON given.id = k.id LEFT JOIN "UseDays" u ON u."keyId" = k.id
        LEFT JOIN "KeyImport" i ON i."keyId" = k.id LEFT JOIN "byKey" a ON a."keyId" = k.id) AS r`;
  return new Map(read.rows.map((row) => [row.id, row]));
}
