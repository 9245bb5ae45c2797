import { setTimeout as pauseFor } from 'node:timers/promises';
import { CommandError, exitStatus } from '../exit-status.ts';
import type { Output } from '../output.ts';
import type { SelectedEvent } from './event-json.ts';

/** Delivers one event; throws CommandError if the delivery failed. */
export type EventHandler = (cursor: string, event: SelectedEvent) => Promise<void>;

/** Delays before each retry of a delivery, in ms. */
const RETRY_DELAYS_MS = [1_000, 2_000, 4_000, 8_000];

/**
 * Delivers an event, with up to five attempts. A failing event is never skipped.
 *
 * @throws CommandError TEMPORARY if all attempts fail, or if `signal` aborts the waiting: the next watch starts with
 *   this event.
 */
export async function deliverEvent(
  handler: EventHandler,
  cursor: string,
  event: SelectedEvent,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  for (const waitMs of [...RETRY_DELAYS_MS, null]) {
    try {
      return await handler(cursor, event);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      const message = `${event.type} (${event.id}) was not delivered: ${error.message}`;
      if (waitMs === null || signal.aborted) throw new CommandError(exitStatus.TEMPORARY, message, error);
      output.note(`${message} Retrying in ${String(waitMs / 1000)} s.`);
      await pauseFor(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
