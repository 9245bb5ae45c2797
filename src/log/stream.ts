import type { Event } from '../../prisma/generated/client/client.ts';
import type { Clock } from '../store/clock.ts';
import { awaitDatabase } from './await-database.ts';
import type { Follower } from './follower.ts';

/**
 * Every event after a position: first what is stored, then as it happens; each once, in order, none left out. There is no
 * seam between the two, because both are the same reading by position. While the database is away it waits. Ends with the
 * signal or the follower.
 */
export async function* stream(
  follower: Follower,
  clock: Clock,
  after: bigint,
  signal: AbortSignal,
): AsyncGenerator<Event, void> {
  let position = after;
  while (!signal.aborted && !follower.isStopped) {
    const events = await awaitDatabase(clock, signal, () => follower.read(position));
    for (const event of events) {
      if (signal.aborted) return;
      yield event;
      position = event.position;
    }
    if (events.length === 0) await follower.grownBeyond(position, signal);
  }
}
