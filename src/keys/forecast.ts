import type { Prisma } from '../../prisma/generated/client/client.ts';
import { DAY_MS } from '../domain/duration.ts';
import { addMs } from '../domain/key.ts';
import type { Core } from '../store/core.ts';
import { stoppingKeys } from './key-conditions.ts';

/** How many keys stop by themselves on one day in UTC. */
export interface ForecastDay {
  readonly startsAt: Date;
  readonly keyCount: number;
  readonly hardCount: number;
  readonly byUseCount: number;
}

/**
 * Counts the keys of a filter that will stop from now to a horizon, by day. Keys that have ended are not among them.
 */
export async function countStops(
  db: Pick<Core['prisma'], 'key'>,
  where: Prisma.KeyWhereInput,
  now: Date,
  horizonMs: number,
): Promise<ForecastDay[]> {
  const stops = await db.key.groupBy({
    by: ['stopsAt', 'stopsBasis'],
    where: { AND: [where, stoppingKeys({ gt: now, lte: addMs(now, horizonMs) })] },
    _count: { _all: true },
  });
  const days = new Map<number, { hardCount: number; byUseCount: number }>();
  for (const { stopsAt, stopsBasis, _count } of stops) {
    if (stopsAt === null) continue;
    const start = Math.floor(stopsAt.getTime() / DAY_MS) * DAY_MS;
    const day = days.get(start) ?? { hardCount: 0, byUseCount: 0 };
    if (stopsBasis === 'HARD') day.hardCount += _count._all;
    else day.byUseCount += _count._all;
    days.set(start, day);
  }
  return [...days]
    .sort(([a], [b]) => a - b)
    .map(([start, day]) => ({ startsAt: new Date(start), keyCount: day.hardCount + day.byUseCount, ...day }));
}
