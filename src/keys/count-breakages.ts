import { Prisma } from '../../prisma/generated/client/client.ts';
import { dayOf } from '../domain/usage-day.ts';
import type { Outcome } from '../domain/verification.ts';
import { arrayLiteral } from '../store/array-literal.ts';
import type { Transaction } from '../store/core.ts';
import { keyCondition } from '../store/where-sql.ts';

type Client = Pick<Transaction, '$queryRaw'>;

/** The breakages of some keys in a time. */
export interface BreakageScope {
  /** Null: of all realms. */
  readonly realmId: string | null;
  /** From this moment on. */
  readonly since: Date;
  /** Before this moment. Default: no end. */
  readonly before?: Date;
  /** Which keys: those of a condition, or those with these ids. Default: all. */
  readonly keys?: Prisma.KeyWhereInput | readonly string[];
  /** Only those with one of these outcomes. Default: all. */
  readonly outcomes?: readonly Outcome[];
}

/** How many consumers of keys were broken. A consumer that is broken on several days counts once for each day in `breakageCount`. */
export interface BreakageCounts {
  readonly breakageCount: number;
  readonly ownerCount: number;
  /** Consumers of different owners are different, also with the same label. */
  readonly consumerCount: number;
  readonly keyCount: number;
}

export interface BreakageDay {
  /** Days since 1970 (UTC). */
  readonly day: number;
  readonly breakageCount: number;
}

/** The first breakage of a key, or of an owner, in a time. */
export interface FirstBreakage {
  readonly keyId: string;
  /** The key's owner at that time. */
  readonly ownerId: string;
  readonly consumer: string;
  readonly outcome: Outcome;
  readonly at: Date;
}

/** Counts breakages, in all and by day, in one statement. Days without any are left out. */
export async function countBreakages(
  client: Client,
  scope: BreakageScope,
): Promise<BreakageCounts & { readonly days: readonly BreakageDay[] }> {
  const rows = await client.$queryRaw<(BreakageCounts & { day: number | null })[]>`
    SELECT b.day, count(*)::int AS "breakageCount", count(DISTINCT b."ownerId")::int AS "ownerCount",
           count(DISTINCT (b."ownerId", b.consumer))::int AS "consumerCount",
           count(DISTINCT b."keyId")::int AS "keyCount"
    FROM ${breakagesOf(scope)} GROUP BY GROUPING SETS ((b.day), ()) ORDER BY b.day`;
  const { breakageCount, ownerCount, consumerCount, keyCount } = rows.find(({ day }) => day === null) ?? NONE;
  const days = rows.flatMap((row) => (row.day === null ? [] : [{ day: row.day, breakageCount: row.breakageCount }]));
  return { breakageCount, ownerCount, consumerCount, keyCount, days };
}

const NONE: BreakageCounts = { breakageCount: 0, ownerCount: 0, consumerCount: 0, keyCount: 0 };

/**
 * Finds the keys that broke a consumer, each with its first breakage, the earliest first: at most `limit`, after the last one of
 * the page before. For a budget that counts only some of them, such as those that an earlier policy would still accept.
 *
 * It reads the breakages of the realm since that moment by an index, so that its cost follows how many there are and not how many
 * keys there are.
 */
export async function findBrokenKeys(
  client: Client,
  scope: BreakageScope,
  limit: number,
  after: FirstBreakage | null = null,
): Promise<readonly FirstBreakage[]> {
  return findFirst(client, scope, Prisma.sql`"keyId"`, limit, after);
}

/** Finds the owners whose keys broke a consumer, each with the first breakage, the earliest first: at most `limit`. */
export async function findBrokenOwners(
  client: Client,
  scope: BreakageScope,
  limit: number,
): Promise<readonly FirstBreakage[]> {
  return findFirst(client, scope, Prisma.sql`"ownerId"`, limit);
}

async function findFirst(
  client: Client,
  scope: BreakageScope,
  column: Prisma.Sql,
  limit: number,
  after: FirstBreakage | null = null,
): Promise<readonly FirstBreakage[]> {
  const isAfter =
    after === null ? Prisma.empty : Prisma.sql`WHERE (at, "keyId") > (${after.at}::timestamptz, ${after.keyId})`;
  return client.$queryRaw<FirstBreakage[]>`
    SELECT * FROM (
      SELECT DISTINCT ON (b.${column}) b."keyId", b."ownerId", b.consumer, b.outcome, b.at FROM ${breakagesOf(scope)}
      ORDER BY b.${column}, b.at, b.id) AS first
    ${isAfter} ORDER BY at, "keyId" LIMIT ${limit}`;
}

/** SQL: the rows of a scope as `b`, for the FROM of a statement that adds no WHERE. */
function breakagesOf({ realmId, since, before, keys = {}, outcomes }: BreakageScope): Prisma.Sql {
  const end = before === undefined ? Prisma.empty : Prisma.sql`AND b.at < ${before}`;
  const isList = Array.isArray(keys);
  const ids = isList ? Prisma.sql`AND b."keyId" = ANY(${arrayLiteral(keys)}::text[])` : Prisma.empty;
  const condition =
    isList || Object.keys(keys).length === 0
      ? Prisma.empty
      : Prisma.sql`AND EXISTS (SELECT FROM "Key" k WHERE k.id = b."keyId" AND ${keyCondition(keys as Prisma.KeyWhereInput)})`;
  const ofOutcomes = outcomes === undefined ? Prisma.empty : Prisma.sql`AND b.outcome = ANY(${[...outcomes]})`;
  // By the index of the realm and the moment, or by that of the day.
  const place =
    realmId === null ? Prisma.sql`b.day >= ${dayOf(since.getTime())}::int` : Prisma.sql`b."realmId" = ${realmId}`;
  return Prisma.sql`"Breakage" b WHERE ${place} AND b.at >= ${since} ${end} ${ids} ${ofOutcomes} ${condition}`;
}
