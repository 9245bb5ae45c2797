import type { ProcessLimit } from './watch-limit.ts';

/** The processor time that one key may take, and that each further key of a batch adds. A slower module is called key by key. */
const KEY_BUSY_MS = 50;
const BATCH_KEY_BUSY_MS = 0.8;
/** The elapsed time may be this multiple of the processor time, because on a busy machine the process waits for a processor. */
const ELAPSED_FACTOR = 8;
const ELAPSED_MAX_MS = 1_500;

/** One in this many keys is evaluated twice, to find modules that are not deterministic. */
export const REPEAT_EVERY = 50;

/** Returns the limit for a batch. Any one of its keys may take the full time of a key, twice if keys are repeated. */
export function limitFor(keyCount: number, isTwice: boolean): ProcessLimit {
  const busyMs = KEY_BUSY_MS * (isTwice ? 2 : 1) + (keyCount - 1) * BATCH_KEY_BUSY_MS;
  return { busyMs: Math.round(busyMs), elapsedMs: Math.min(busyMs * ELAPSED_FACTOR, ELAPSED_MAX_MS) };
}

/** Returns the places of the keys in a batch that are evaluated twice. */
export function sampleIndexes(keyCount: number): number[] {
  return Array.from({ length: Math.ceil(keyCount / REPEAT_EVERY) }, (_, index) => index * REPEAT_EVERY);
}
