import type { Clock } from '../store/clock.ts';
import { isUnavailable } from '../store/unavailable.ts';

/** How long it is waited before a database that was away is asked again. */
const RETRY_MS = 1_000;

/**
 * Reads something for someone who can wait: while the database is away it is asked again each second. Throws what else
 * went wrong, and once the signal has aborted the last failure.
 */
export async function retryWhileUnavailable<Result>(
  clock: Clock,
  signal: AbortSignal,
  read: () => Promise<Result>,
): Promise<Result> {
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (!isUnavailable(error) || signal.aborted) throw error;
      await pause(clock, RETRY_MS, signal);
      if (signal.aborted) throw error;
    }
  }
}

/** Resolves when so much time has passed, or the signal has aborted. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const end = () => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    signal.addEventListener('abort', end);
  });
}
