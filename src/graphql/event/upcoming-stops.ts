import type { Prisma } from '../../../prisma/generated/client/client.ts';
import type { Caller } from '../../domain/caller.ts';
import { visibleKeys } from '../../keys/visible-keys.ts';
import type { Reader } from '../context.ts';
import { filterKeys, keysInState, type KeyFilter } from '../key/key-filter.ts';
import { orderedLists } from '../key/renewal-info.ts';

/** How many keys one read takes; fewer are the last. */
export const STOPS_PAGE = 100;

/** What renewal information is made from. */
const upcomingInclude = {
  realm: { include: { freezes: true } },
  holds: orderedLists.holds,
  judgement: true,
} satisfies Prisma.KeyInclude;

/** A key in force that stops by itself. */
export type UpcomingKey = Prisma.KeyGetPayload<{ include: typeof upcomingInclude }>;

/** Whose keys are looked at, and when. */
export interface KeyView {
  readonly db: Reader;
  readonly caller: Caller;
  readonly filter: KeyFilter;
  readonly now: Date;
}

/** A page of the chosen keys in force that stop from now to the horizon, soonest first, behind the last of the page before. */
export async function readUpcomingStops(
  sight: KeyView,
  horizon: Date,
  chosen: Prisma.KeyWhereInput,
  last: UpcomingKey | undefined,
): Promise<UpcomingKey[]> {
  const beyond = last && { OR: [{ stopsAt: { gt: last.stopsAt } }, { stopsAt: last.stopsAt, id: { gt: last.id } }] };
  return sight.db.key.findMany({
    where: {
      AND: [
        whereInView(sight),
        { stopsAt: { gt: sight.now, lte: horizon } },
        chosen,
        beyond ?? {},
      ] as Prisma.KeyWhereInput[],
    },
    include: upcomingInclude,
    orderBy: [{ stopsAt: 'asc' }, { id: 'asc' }],
    take: STOPS_PAGE,
  });
}

/** The first moment behind the horizon at which a key stops; null: none does. */
export async function readFirstStopAfter(sight: KeyView, horizon: Date): Promise<Date | null> {
  const first = await sight.db.key.findFirst({
    where: { AND: [whereInView(sight), { stopsAt: { gt: horizon } }] },
    orderBy: { stopsAt: 'asc' },
    select: { stopsAt: true },
  });
  return first?.stopsAt ?? null;
}

function whereInView({ caller, filter, now }: KeyView): Prisma.KeyWhereInput {
  return { AND: [visibleKeys(caller), filterKeys(filter, now), keysInState('ACTIVE', now)] };
}
