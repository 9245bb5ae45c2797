import type { Fault } from './fault.ts';
import { readProcessUse } from './process-use.ts';

export interface ProcessLimit {
  /** The processor time that the process may use. If the system does not report it, elapsed time counts instead. */
  readonly busyMs: number;
  /** The elapsed time that it may take, without the time for which it waits for a processor. */
  readonly elapsedMs: number;
}

/** The memory that the process may use in total; about half of it is Node's own. The heap of modules has a separate limit. */
const MEMORY_MAX_BYTES = 256 * 2 ** 20;

/** The longest interval between two checks of the process. */
const POLL_MS = 50;

/**
 * Watches a process, and calls `exceeded` once if it exceeds a limit. Returns a function that stops watching and returns the
 * processor time that the process used meanwhile, in milliseconds; the elapsed time if the system does not report it. Uses the
 * machine's monotonic clock, not the injected one.
 */
export function watchLimit(
  pid: number,
  { busyMs, elapsedMs }: ProcessLimit,
  exceeded: (kind: Fault['kind'], message: string) => void,
): () => number {
  const began = performance.now();
  const before = readProcessUse(pid);
  let isOver = false;

  const check = () => {
    const use = readProcessUse(pid);
    const waited = (use?.waitedMs ?? 0) - (before?.waitedMs ?? 0);
    const elapsed = performance.now() - began - waited;
    const busy = use === null ? elapsed : use.busyMs - (before?.busyMs ?? 0);
    if (use !== null && use.memoryBytes > MEMORY_MAX_BYTES) exceeded('CRASHES', 'It exceeded the memory limit.');
    else if (busy >= busyMs || elapsed >= elapsedMs) exceeded('LOOPS', `It did not return within ${busyMs} ms.`);
    else checkIn(Math.min(POLL_MS, Math.max(busyMs - busy, 1), elapsedMs - elapsed));
  };

  let timer: NodeJS.Timeout;
  const checkIn = (ms: number) => {
    // A reply may have arrived while this process was busy. It is read before the check.
    timer = setTimeout(() => setImmediate(() => isOver || check()), Math.ceil(ms));
  };
  checkIn(Math.min(POLL_MS, busyMs));
  return () => {
    isOver = true;
    clearTimeout(timer);
    const ranMs = readProcessUse(pid)?.ranMs ?? null;
    return ranMs === null ? performance.now() - began : ranMs - (before?.ranMs ?? 0);
  };
}
