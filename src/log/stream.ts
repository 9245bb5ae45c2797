import type { Event } from '../../prisma/generated/client/client.ts';
import type { Follower } from './follower.ts';

/**
 * Every event after a position: first what is stored, then as it happens; each once, in order, none left out. There is no
 * seam between the two, because both are the same reading by position. Ends with the signal or the follower.
 */
export async function* stream(follower: Follower, after: bigint, signal: AbortSignal): AsyncGenerator<Event, void> {
  let position = after;
  while (!signal.aborted && !follower.isStopped) {
    const events = await follower.read(position);
    for (const event of events) {
      if (signal.aborted) return;
      yield event;
      position = event.position;
    }
    if (events.length === 0) await follower.grownBeyond(position, signal);
  }
}
