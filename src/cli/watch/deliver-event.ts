import { setTimeout as pauseFor } from 'node:timers/promises';
import { CommandError, exitStatus } from '../exit-status.ts';
import type { Output } from '../output.ts';
import type { SelectedEvent } from './event-json.ts';

/** Takes one event; what it throws says that it did not. */
export type EventHandler = (cursor: string, event: SelectedEvent) => Promise<void>;

/** How long it waits before it hands an event over again, in ms. */
const RETRY_DELAYS_MS = [1_000, 2_000, 4_000, 8_000];

/**
 * Hands an event over until it is taken, five times at most: an event that is not taken is not passed by.
 *
 * @throws CommandError TEMPORARY when it is never taken, or `signal` ended the waiting: begin with it again.
 */
export async function deliverEvent(
  take: EventHandler,
  cursor: string,
  event: SelectedEvent,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  for (const waitMs of [...RETRY_DELAYS_MS, null]) {
    try {
      return await take(cursor, event);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      const found = `${event.type} (${event.id}) was not taken: ${error.message}`;
      if (waitMs === null || signal.aborted) throw new CommandError(exitStatus.TEMPORARY, found, error);
      output.note(`${found} Again in ${String(waitMs / 1000)} s.`);
      await pauseFor(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
