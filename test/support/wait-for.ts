import { vi } from 'vitest';

/** Waits until a check passes, as long as a busy machine may need: `vi.waitFor` gives up after a second. */
export function waitFor<Result>(check: () => Result | Promise<Result>): Promise<Result> {
  return vi.waitFor(check, { timeout: 30_000, interval: 20 });
}
