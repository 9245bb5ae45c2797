import { Prisma, type Event } from '../../prisma/generated/client/client.ts';
import type { Core } from '../store/core.ts';
import { hasLabelsCondition, eventQueryCondition, type EventQuery } from './event-query.ts';
import { checkPosition, readBounds } from './head.ts';
import { type IndexScan, planIndexScans } from './index-scans.ts';

type Reader = { readonly prisma: Pick<Core['prisma'], '$queryRaw' | 'logHead' | 'event'> };

/** Number of events in one read. The first read of a stream takes fewer, because its reader waits for it. */
export const PAGE_SIZE = 500;
export const FIRST_PAGE_SIZE = 50;

/** Maximum number of keys whose events are read key by key when a label selects them. */
const KEYS_MAX = 200;

/** The columns of "Event" and of "KeyHistory". */
export const eventColumns = Prisma.raw(
  `position, id, type, at, "recordedAt", "keyId", "realmId", "ownerId", "actorKind", "actorId", "actorName", reason, data`,
);

/** Events in order, and the position up to which the log holds no other event that the query selects. */
export interface EventPage {
  readonly events: readonly Event[];
  readonly readTo: bigint;
}

/**
 * Returns a page of at most `maxCount` stored events after a position, up to a committed position `upTo`. The page omits no
 * event that the query selects and may include others. Throws CURSOR_EXPIRED if the log no longer has the next events.
 */
export async function readStoredEvents(
  reader: Reader,
  after: bigint,
  upTo: bigint,
  query: EventQuery,
  maxCount: number,
): Promise<EventPage> {
  const range = Prisma.sql`position > ${after} AND position <= ${upTo}`;
  const events = await readSelected(reader, query, range, maxCount, Prisma.sql`ASC`);
  // Checked after the read: what is retained now was there when the events were read.
  checkPosition(after, await readBounds(reader));
  return { events, readTo: events.length < maxCount ? upTo : (events.at(-1)?.position ?? upTo) };
}

/** The positions between which events are read; neither is included. */
export interface EventRange {
  readonly after: bigint;
  readonly before: bigint;
}

/**
 * Returns at most `maxCount` stored events within a range, from its start or its end on. The result omits no event that the
 * query selects and may include others.
 */
export function readEventRange(
  reader: Reader,
  { after, before }: EventRange,
  query: EventQuery,
  maxCount: number,
  isBackward: boolean,
): Promise<readonly Event[]> {
  const range = Prisma.sql`position > ${after} AND position < ${before}`;
  return readSelected(reader, query, range, maxCount, isBackward ? Prisma.sql`DESC` : Prisma.sql`ASC`);
}

async function readSelected(
  reader: Reader,
  query: EventQuery,
  range: Prisma.Sql,
  maxCount: number,
  order: Prisma.Sql,
): Promise<readonly Event[]> {
  const keyIds = await findSelectedKeys(reader, query);
  const page = (scan: IndexScan) => Prisma.sql`(
    SELECT found.* FROM ${scan.over} CROSS JOIN LATERAL (
      SELECT ${eventColumns} FROM "Event"
      WHERE ${scan.where} AND ${range} AND ${eventQueryCondition(query)}
      ORDER BY position ${order} LIMIT ${maxCount}
    ) AS found)`;
  return reader.prisma.$queryRaw<Event[]>`
    SELECT DISTINCT ON (position) * FROM (${Prisma.join(planIndexScans(query, keyIds).map(page), ' UNION ALL ')}) AS pages
    ORDER BY position ${order} LIMIT ${maxCount}`;
}

/**
 * Returns the only keys whose events can match; null if the query does not limit keys, or its labels match too many.
 */
async function findSelectedKeys({ prisma }: Reader, { filter }: EventQuery): Promise<readonly string[] | null> {
  const { keyIds, labels } = filter;
  if (keyIds != null) return [...new Set(keyIds)];
  if (labels == null || labels.length === 0) return null;
  const rows = await prisma.$queryRaw<{ id: string }[]>`
    SELECT id FROM "Key" WHERE ${hasLabelsCondition(labels)} LIMIT ${KEYS_MAX + 1}`;
  return rows.length > KEYS_MAX ? null : rows.map(({ id }) => id);
}
