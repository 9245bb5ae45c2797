import type { Event } from '../../prisma/generated/client/client.ts';
import type { Core } from '../store/core.ts';
import type { EventQuery } from './event-query.ts';
import { checkPosition, readBounds } from './head.ts';
import { readEventRange, type EventRange } from './stored-events.ts';

type Reader = { readonly prisma: Pick<Core['prisma'], '$queryRaw' | 'logHead' | 'event'> };

/** How many reads one page takes at most. A page whose filter selects few of very many events may be shorter than requested. */
const READS_MAX = 20;

/** How many events one read passes at most if no index finds those that the filter selects. */
const PASSED_MAX = 50_000n;

/** What page of the log to read: the events between two positions, from the start of these or from their end on. */
export interface EventPageRequest {
  readonly after: bigint | null;
  readonly before: bigint | null;
  readonly size: number;
  readonly isBackward: boolean;
}

/** A page of events in order. */
export interface PagedEvents {
  readonly events: readonly Event[];
  /** Whether the log may hold further events that the query selects, in the direction of the page. */
  readonly hasMore: boolean;
  /** The position up to which all events were read, in the direction of the page. */
  readonly readTo: bigint;
}

/**
 * Reads a page of the log, forwards or backwards. `matches` decides which of the events that the query preselects belong to
 * it. Events that retention has removed are not among them.
 *
 * @throws CURSOR_EXPIRED or CURSOR_AHEAD if the log cannot be read without a gap after `after`.
 */
export async function readEventPage(
  reader: Reader,
  query: EventQuery,
  request: EventPageRequest,
  matches: (event: Event) => Promise<boolean>,
): Promise<PagedEvents> {
  const { size, isBackward } = request;
  let range = await clampRange(reader, request);
  const found: Event[] = [];
  const isEmpty = () => range.before - range.after <= 1n;
  for (let reads = 0; reads < READS_MAX && found.length <= size && !isEmpty(); reads += 1) {
    const window = query.filter.actor == null ? range : narrow(range, isBackward);
    const maxCount = size + 1 - found.length;
    const events = await readEventRange(reader, window, query, maxCount, isBackward);
    for (const event of events) if (await matches(event)) found.push(event);
    const last = events.length < maxCount ? null : (events.at(-1)?.position ?? null);
    if (isBackward) range = { ...range, before: last ?? window.after + 1n };
    else range = { ...range, after: last ?? window.before - 1n };
  }
  // Checked after the read too: what is retained now was there when the events were read.
  if (request.after !== null) checkPosition(request.after, await readBounds(reader));
  const page = found.slice(0, size);
  const hasMore = found.length > size || !isEmpty();
  const end = page.at(-1)?.position;
  const readTo = found.length > size && end !== undefined ? end : isBackward ? range.before : range.after;
  return { events: isBackward ? page.toReversed() : page, hasMore, readTo };
}

async function clampRange(reader: Reader, { after, before }: EventPageRequest): Promise<EventRange> {
  const bounds = await readBounds(reader);
  if (after !== null) checkPosition(after, bounds);
  const end = bounds.head + 1n;
  return { after: after ?? bounds.oldest - 1n, before: before === null || before > end ? end : before };
}

function narrow({ after, before }: EventRange, isBackward: boolean): EventRange {
  if (before - after <= PASSED_MAX) return { after, before };
  return isBackward ? { after: before - PASSED_MAX, before } : { after, before: after + PASSED_MAX };
}

/**
 * Returns the position of the last event that was recorded before an instant: a reader that continues there gets all
 * events that were recorded since. Searches by halves: events are recorded in the order of their positions, without a gap.
 */
export async function findPositionAt(db: Pick<Core['prisma'], '$queryRaw'>, at: Date): Promise<bigint> {
  const [found] = await db.$queryRaw<{ position: bigint }[]>`
    WITH RECURSIVE search AS (
      SELECT oldest - 1 AS low, position + 1 AS high FROM "LogHead" WHERE id = 1
      UNION ALL
      SELECT CASE WHEN "isBefore" THEN middle ELSE low END, CASE WHEN "isBefore" THEN high ELSE middle END
      FROM (
        SELECT low, high, (low + high) / 2 AS middle,
          coalesce((SELECT "recordedAt" < ${at} FROM "Event" WHERE position = (low + high) / 2), true) AS "isBefore"
        FROM search WHERE high - low > 1
      ) AS step
    )
    SELECT low AS position FROM search WHERE high - low <= 1`;
  if (found === undefined) throw new Error('the log has no head');
  return found.position;
}
