import type { Core } from '../../src/store/core.ts';
import { systemActor } from '../../src/domain/event.ts';
import { change } from '../../src/log/change.ts';

/** Number of concurrent appenders. */
const COUNT = 4;

/** Timing of appends while something else ran. */
export interface AppendTiming {
  readonly count: number;
  readonly ms: number;
  readonly longestMs: number;
}

/** Appends continuously, one change after another per appender, while `run` is in progress. */
export async function appendDuring(core: Core, run: () => Promise<unknown>): Promise<AppendTiming> {
  const over = new AbortController();
  let count = 0;
  let longestMs = 0;
  const work = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const beganAtMs = performance.now();
      const data = { changed: [], before: {}, after: {} };
      const draft = { type: 'KEY_UPDATED', at: core.clock.now(), keyId: 'key_1', actor: systemActor, data } as const;
      await change(core, async ({ record }) => record(draft));
      longestMs = Math.max(longestMs, performance.now() - beganAtMs);
      count += 1;
    }
  };
  const beganAtMs = performance.now();
  const appending = Promise.all(Array.from({ length: COUNT }, work));
  await run().finally(() => over.abort());
  await appending;
  return { count, ms: performance.now() - beganAtMs, longestMs };
}
