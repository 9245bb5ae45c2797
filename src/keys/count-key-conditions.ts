import { Prisma } from '../../prisma/generated/client/client.ts';
import { DAY_MS } from '../domain/duration.ts';
import { addMs, type KeyState } from '../domain/key.ts';
import type { DormancyState } from '../domain/verdict.ts';
import type { Transaction } from '../store/core.ts';
import { keyCondition } from '../store/where-sql.ts';
import {
  keysInState,
  keysWithAutomation,
  leakedKeys,
  rotatingKeys,
  stalledKeys,
  stoppingKeys,
} from './key-conditions.ts';

/** How far ahead stops count as soon. */
export const SOON_MS = 30 * DAY_MS;

const states: readonly KeyState[] = ['ACTIVE', 'HELD', 'EXPIRED', 'REVOKED'];
const standings: readonly DormancyState[] = ['ACTIVE', 'WARNED', 'HELD', 'EXPIRED'];

/** How many keys there are, and how many of them are in which condition. All but the first three are of keys that have not ended. */
export interface KeyCounts {
  readonly keyCount: number;
  readonly byState: readonly { readonly state: KeyState; readonly keyCount: number }[];
  readonly byStanding: readonly { readonly standing: DormancyState; readonly keyCount: number }[];
  /** Keys that stop by themselves within 30 days. */
  readonly stopsSoon: number;
  /** Those of them that no program renews in time. */
  readonly stopsSoonByHand: number;
  readonly neverUsed: number;
  readonly rotating: number;
  readonly stalled: number;
  readonly withoutAutomation: number;
  readonly lateAutomation: number;
  readonly leaked: number;
}

/** Counts the keys of a condition in one scan, by the conditions that lists select with. */
export async function countKeyConditions(
  db: Pick<Transaction, '$queryRaw'>,
  where: Prisma.KeyWhereInput,
  now: Date,
): Promise<KeyCounts> {
  // Each condition of a key is decided once. With the same conditions in each count PostgreSQL takes seconds to plan.
  const flags: Readonly<Record<string, Prisma.KeyWhereInput>> = {
    ...Object.fromEntries(states.map((state) => [`state ${state}`, keysInState(state, now)])),
    ...Object.fromEntries(standings.map((standing) => [`standing ${standing}`, { standing }])),
    stopsSoon: stoppingKeys({ gt: now, lt: addMs(now, SOON_MS) }),
    neverUsed: { lastUsedAt: null },
    rotating: rotatingKeys(now),
    stalled: stalledKeys(now),
    withoutAutomation: keysWithAutomation('NONE', now),
    lateAutomation: keysWithAutomation('LATE', now),
    leaked: leakedKeys,
  };
  const column = (name: string) => Prisma.raw(`"${name}"`);
  const columns = Object.entries(flags).map(([name, flag]) => Prisma.sql`${keyCondition(flag)} AS ${column(name)}`);
  const live = Prisma.sql`("state ACTIVE" OR "state HELD")`;
  const counts = Object.keys(flags).map((name) => {
    const isOfAll = name.startsWith('state ') || name.startsWith('standing ');
    const counted = isOfAll ? Prisma.sql`${column(name)}` : Prisma.sql`${column(name)} AND ${live}`;
    return Prisma.sql`count(*) FILTER (WHERE ${counted})::int AS ${column(name)}`;
  });
  const [row = {}] = await db.$queryRaw<Record<string, number>[]>`
    WITH chosen AS MATERIALIZED (SELECT ${Prisma.join(columns)} FROM "Key" k WHERE ${keyCondition(where)})
    SELECT count(*)::int AS "keyCount", ${Prisma.join(counts)}, count(*) FILTER (
      WHERE "stopsSoon" AND ("withoutAutomation" OR "lateAutomation") AND ${live})::int AS "stopsSoonByHand"
    FROM chosen`;
  const count = (name: string) => row[name] ?? 0;
  return {
    keyCount: count('keyCount'),
    byState: states.map((state) => ({ state, keyCount: count(`state ${state}`) })),
    byStanding: standings.map((standing) => ({ standing, keyCount: count(`standing ${standing}`) })),
    stopsSoon: count('stopsSoon'),
    stopsSoonByHand: count('stopsSoonByHand'),
    neverUsed: count('neverUsed'),
    rotating: count('rotating'),
    stalled: count('stalled'),
    withoutAutomation: count('withoutAutomation'),
    lateAutomation: count('lateAutomation'),
    leaked: count('leaked'),
  };
}
