import type { Core } from '../../src/store/core.ts';
import { systemActor } from '../../src/domain/event.ts';
import { change } from '../../src/log/change.ts';

/** How many append at once. */
const COUNT = 4;

/** What appending took while something else ran. */
export interface AppendTiming {
  readonly count: number;
  readonly ms: number;
  readonly longestMs: number;
}

/** Appends, each change waiting for the one before, while something runs. */
export async function appendDuring(core: Core, run: () => Promise<unknown>): Promise<AppendTiming> {
  const over = new AbortController();
  let count = 0;
  let longestMs = 0;
  const work = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const beganAtMs = performance.now();
      const draft = { type: 'KEY_UPDATED', at: core.clock.now(), keyId: 'key_1', actor: systemActor } as const;
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
