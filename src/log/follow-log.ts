import type { Event } from '../../prisma/generated/client/client.ts';
import type { Clock } from '../store/clock.ts';
import { retryWhileUnavailable } from './retry-while-unavailable.ts';
import type { EventQuery } from './event-query.ts';
import { FIRST_PAGE_SIZE, PAGE_SIZE } from './stored-events.ts';
import type { Follower } from './follower.ts';

/** A part of the log that was read at once. */
export interface LogPage {
  /** In order. Empty: the end of the log is reached. */
  readonly events: readonly Event[];
  /** The position up to which the log has been read. */
  readonly readTo: bigint;
}

export interface FollowLogOptions {
  /** Ends the reading. */
  readonly signal: AbortSignal;
  /** Returns which events to read. Called before each page, because the events that a caller may see change. */
  readonly getQuery: () => EventQuery;
  /**
   * Resolves at the end of the log, when there is more to read, with the position from which to continue; null ends the
   * reading. Default: waits for the next event.
   */
  readonly waitForMore?: (position: bigint) => Promise<bigint | null>;
}

/**
 * The read loop of every reader of the log. Yields pages with every event after a position that the query selects at
 * the time, and possibly others: first the stored events, then new ones, each once, in order, with no gap. Both are the
 * same read by position, so no event is lost between the two. Waits while the database is unavailable. Ends with the
 * signal or the follower; throws CURSOR_EXPIRED if the log no longer has the next events.
 */
export async function* followLog(
  { follower, clock }: { readonly follower: Follower; readonly clock: Clock },
  after: bigint,
  { signal, getQuery, waitForMore }: FollowLogOptions,
): AsyncGenerator<LogPage, void> {
  let position = after;
  let pageSize = FIRST_PAGE_SIZE;
  while (!signal.aborted && !follower.isStopped) {
    const page = await retryWhileUnavailable(clock, signal, () => follower.read(position, getQuery(), pageSize));
    pageSize = PAGE_SIZE;
    yield page;
    position = page.readTo;
    if (page.events.length > 0) continue;
    if (waitForMore === undefined) {
      await follower.waitForEventAfter(position, signal);
      continue;
    }
    const next = await waitForMore(position);
    if (next === null) return;
    position = next;
  }
}
