import type { Prisma } from '../../../prisma/generated/client/client.ts';
import type { Caller } from '../../domain/caller.ts';
import { visibleKeys } from '../../keys/visible-keys.ts';
import type { Reader } from '../context.ts';
import { filteredKeys, inState, type KeyFilter } from '../key/filter.ts';
import { inOrder } from '../key/renewal-info.ts';

/** How many keys one read takes; fewer are the last. */
export const STOPS_PAGE = 100;

/** What renewal information is made from. */
const whatIsSent = {
  realm: { include: { freezes: true } },
  holds: inOrder.holds,
  judgement: true,
} satisfies Prisma.KeyInclude;

/** A key in force that stops by itself. */
export type UpcomingKey = Prisma.KeyGetPayload<{ include: typeof whatIsSent }>;

/** Whose keys are looked at, and when. */
export interface Sight {
  readonly db: Reader;
  readonly caller: Caller;
  readonly filter: KeyFilter;
  readonly now: Date;
}

/** A page of the chosen keys in force that stop from now to the horizon, soonest first, behind the last of the page before. */
export async function readStops(
  sight: Sight,
  horizon: Date,
  chosen: Prisma.KeyWhereInput,
  last: UpcomingKey | undefined,
): Promise<UpcomingKey[]> {
  const beyond = last && { OR: [{ stopsAt: { gt: last.stopsAt } }, { stopsAt: last.stopsAt, id: { gt: last.id } }] };
  return sight.db.key.findMany({
    where: {
      AND: [
        inSight(sight),
        { stopsAt: { gt: sight.now, lte: horizon } },
        chosen,
        beyond ?? {},
      ] as Prisma.KeyWhereInput[],
    },
    include: whatIsSent,
    orderBy: [{ stopsAt: 'asc' }, { id: 'asc' }],
    take: STOPS_PAGE,
  });
}

/** The first moment behind the horizon at which a key stops; null: none does. */
export async function firstStopBeyond(sight: Sight, horizon: Date): Promise<Date | null> {
  const first = await sight.db.key.findFirst({
    where: { AND: [inSight(sight), { stopsAt: { gt: horizon } }] },
    orderBy: { stopsAt: 'asc' },
    select: { stopsAt: true },
  });
  return first?.stopsAt ?? null;
}

function inSight({ caller, filter, now }: Sight): Prisma.KeyWhereInput {
  return { AND: [visibleKeys(caller), filteredKeys(filter, now), inState('ACTIVE', now)] };
}
