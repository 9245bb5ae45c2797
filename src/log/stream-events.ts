import type { Event } from '../../prisma/generated/client/client.ts';
import type { Clock } from '../store/clock.ts';
import { retryWhileUnavailable } from './retry-while-unavailable.ts';
import type { EventQuery } from './event-query.ts';
import { FIRST_PAGE_SIZE, PAGE_SIZE } from './stored-events.ts';
import type { Follower } from './follower.ts';

/**
 * Every event after a position that is chosen at the time, and others: first what is stored, then as it happens; each once,
 * in order, none left out. There is no seam between the two, because both are the same reading by position. While the
 * database is away it waits. Ends with the signal or the follower; throws CURSOR_EXPIRED when the log no longer has what
 * comes next.
 */
export async function* streamEvents(
  follower: Follower,
  clock: Clock,
  after: bigint,
  signal: AbortSignal,
  choose: () => EventQuery,
): AsyncGenerator<Event, void> {
  let position = after;
  let most = FIRST_PAGE_SIZE;
  while (!signal.aborted && !follower.isStopped) {
    const { events, readTo } = await retryWhileUnavailable(clock, signal, () =>
      follower.read(position, choose(), most),
    );
    most = PAGE_SIZE;
    for (const event of events) {
      if (signal.aborted) return;
      yield event;
    }
    position = readTo;
    if (events.length === 0) await follower.waitForEventAfter(position, signal);
  }
}
