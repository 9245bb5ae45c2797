import type { Prisma } from '../../../prisma/generated/client/client.ts';
import type { Caller } from '../../domain/caller.ts';
import { orderedHolds, verdictRelations } from '../../keys/key-row.ts';
import { visibleKeys } from '../../keys/visible-keys.ts';
import type { Reader } from '../context.ts';
import { keysInState } from '../../keys/key-conditions.ts';
import { filterKeys, type KeyFilter } from '../key/key-filter.ts';

/** Keys per read. A shorter page is the last one. */
export const STOPS_PAGE = 100;

/** The relations that renewal information needs. */
const upcomingInclude = { ...verdictRelations, holds: orderedHolds } satisfies Prisma.KeyInclude;

/** A working key that will stop by itself. */
export type UpcomingKey = Prisma.KeyGetPayload<{ include: typeof upcomingInclude }>;

/** The keys that a caller's filter covers at a moment. */
export interface KeyView {
  readonly db: Reader;
  readonly caller: Caller;
  readonly filter: KeyFilter;
  readonly now: Date;
}

/** Reads the next page of working keys that stop after now and up to the horizon, soonest first, behind `last`. */
export async function readUpcomingStops(
  view: KeyView,
  horizon: Date,
  filter: Prisma.KeyWhereInput,
  last: UpcomingKey | undefined,
): Promise<UpcomingKey[]> {
  const afterLast = last && { OR: [{ stopsAt: { gt: last.stopsAt } }, { stopsAt: last.stopsAt, id: { gt: last.id } }] };
  return view.db.key.findMany({
    where: {
      AND: [
        whereInView(view),
        { stopsAt: { gt: view.now, lte: horizon } },
        filter,
        afterLast ?? {},
      ] as Prisma.KeyWhereInput[],
    },
    include: upcomingInclude,
    orderBy: [{ stopsAt: 'asc' }, { id: 'asc' }],
    take: STOPS_PAGE,
  });
}

/** Returns the first stop after the horizon, or null. */
export async function readFirstStopAfter(view: KeyView, horizon: Date): Promise<Date | null> {
  const first = await view.db.key.findFirst({
    where: { AND: [whereInView(view), { stopsAt: { gt: horizon } }] },
    orderBy: { stopsAt: 'asc' },
    select: { stopsAt: true },
  });
  return first?.stopsAt ?? null;
}

function whereInView({ caller, filter, now }: KeyView): Prisma.KeyWhereInput {
  return { AND: [visibleKeys(caller), filterKeys(filter, now), keysInState('ACTIVE', now)] };
}
