import { Prisma, type Event } from '../../prisma/generated/client/client.ts';
import type { Core } from '../store/core.ts';
import { hasLabelsCondition, eventQueryCondition, type EventQuery } from './event-query.ts';
import { checkPosition, readBounds } from './head.ts';
import { type IndexScan, planIndexScans } from './index-scans.ts';

type Reader = { readonly prisma: Pick<Core['prisma'], '$queryRaw' | 'logHead' | 'event'> };

/** How many events one read takes, and how many the first one of a reader, who waits for it. */
export const PAGE_SIZE = 500;
export const FIRST_PAGE_SIZE = 50;

/** Of so many keys at most are events looked for key by key, when a label chooses them. */
const KEYS_MAX = 200;

/** The columns of "Event" and of "KeyHistory". */
export const eventColumns = Prisma.raw(
  `position, id, type, at, "recordedAt", "keyId", "realmId", "ownerId", "actorKind", "actorId", "actorName", reason, data`,
);

/** Events in order, and the position up to which the log holds no others that were asked for. */
export interface EventPage {
  readonly events: readonly Event[];
  readonly readTo: bigint;
}

/**
 * A page, of so many at most, of what is stored behind a position, up to one that has been committed. Of a choice it leaves out nothing, and
 * may hold more. Throws CURSOR_EXPIRED when some of what it was asked for is no longer kept.
 */
export async function readStoredEvents(
  reader: Reader,
  after: bigint,
  upTo: bigint,
  choice: EventQuery,
  most: number,
): Promise<EventPage> {
  const keyIds = await findSelectedKeys(reader, choice);
  const page = (way: IndexScan) => Prisma.sql`(
    SELECT found.* FROM ${way.over} CROSS JOIN LATERAL (
      SELECT ${eventColumns} FROM "Event"
      WHERE ${way.where} AND position > ${after} AND position <= ${upTo} AND ${eventQueryCondition(choice)}
      ORDER BY position LIMIT ${most}
    ) AS found)`;
  const events = await reader.prisma.$queryRaw<Event[]>`
    SELECT DISTINCT ON (position) * FROM (${Prisma.join(planIndexScans(choice, keyIds).map(page), ' UNION ALL ')}) AS pages
    ORDER BY position LIMIT ${most}`;
  // After the events: what is kept now was there when they were read.
  checkPosition(after, await readBounds(reader));
  return { events, readTo: events.length < most ? upTo : (events.at(-1)?.position ?? upTo) };
}

/** The keys whose events alone are chosen, when they are few enough to go to each. */
async function findSelectedKeys({ prisma }: Reader, { filter }: EventQuery): Promise<readonly string[] | null> {
  const { keyIds, labels } = filter;
  if (keyIds != null) return [...new Set(keyIds)];
  if (labels == null || labels.length === 0) return null;
  const rows = await prisma.$queryRaw<{ id: string }[]>`
    SELECT id FROM "Key" WHERE ${hasLabelsCondition(labels)} LIMIT ${KEYS_MAX + 1}`;
  return rows.length > KEYS_MAX ? null : rows.map(({ id }) => id);
}
