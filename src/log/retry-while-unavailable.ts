import type { Clock } from '../store/clock.ts';
import { isUnavailable } from '../store/unavailable.ts';

/** Delay between attempts while the database is unavailable. */
const RETRY_MS = 1_000;

/**
 * Runs a read, and repeats it each second while the database is unavailable. Throws any other error at once, and the
 * last failure once the signal has aborted.
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

/** Resolves after the given time, or as soon as the signal aborts. */
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
