import type { Event } from '../../prisma/generated/client/client.ts';
import type { Clock } from '../store/clock.ts';
import { retryWhileUnavailable } from './retry-while-unavailable.ts';
import type { EventQuery } from './event-query.ts';
import { FIRST_PAGE_SIZE, PAGE_SIZE } from './stored-events.ts';
import type { Follower } from './follower.ts';

/**
 * Yields every event after a position that the query selects at the time, and possibly others: first the stored events,
 * then new ones, each once, in order, with no gap. Both are the same read by position, so no event is lost between the
 * two. Waits while the database is unavailable. Ends with the signal or the follower; throws CURSOR_EXPIRED if the log
 * no longer has the next events.
 */
export async function* streamEvents(
  follower: Follower,
  clock: Clock,
  after: bigint,
  signal: AbortSignal,
  getQuery: () => EventQuery,
): AsyncGenerator<Event, void> {
  let position = after;
  let pageSize = FIRST_PAGE_SIZE;
  while (!signal.aborted && !follower.isStopped) {
    const { events, readTo } = await retryWhileUnavailable(clock, signal, () =>
      follower.read(position, getQuery(), pageSize),
    );
    pageSize = PAGE_SIZE;
    for (const event of events) {
      if (signal.aborted) return;
      yield event;
    }
    position = readTo;
    if (events.length === 0) await follower.waitForEventAfter(position, signal);
  }
}
