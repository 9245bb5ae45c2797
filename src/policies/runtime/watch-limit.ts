import type { Fault } from './fault.ts';
import { readProcessUse } from './process-use.ts';

export interface ProcessLimit {
  /** How long it may keep a processor busy. Where the system does not tell, this counts by the clock. */
  readonly busyMs: number;
  /** How long it may take by the clock, less the time for which it waits while the machine has other things to do. */
  readonly elapsedMs: number;
}

/** Most memory that the process may hold in all, half of it Node's own. The heap of modules has a limit of its own. */
const MEMORY_MAX_BYTES = 256 * 2 ** 20;

/** How often at least a process is looked at that is taking long. */
const POLL_MS = 50;

/**
 * Watches a process until the function that is given back is called, and tells once when it has used more than it may. Time is
 * the machine's own, whatever the time of policies is.
 */
export function watchLimit(
  pid: number,
  { busyMs, elapsedMs }: ProcessLimit,
  exceeded: (kind: Fault['kind'], message: string) => void,
): () => void {
  const began = performance.now();
  const before = readProcessUse(pid);
  let isOver = false;

  const look = () => {
    const use = readProcessUse(pid);
    const waited = (use?.waitedMs ?? 0) - (before?.waitedMs ?? 0);
    const elapsed = performance.now() - began - waited;
    const busy = use === null ? elapsed : use.busyMs - (before?.busyMs ?? 0);
    if (use !== null && use.memoryBytes > MEMORY_MAX_BYTES) exceeded('CRASHES', 'It takes more memory than it may.');
    else if (busy >= busyMs || elapsed >= elapsedMs) exceeded('LOOPS', `It did not answer within ${busyMs} ms.`);
    else lookIn(Math.min(POLL_MS, Math.max(busyMs - busy, 1), elapsedMs - elapsed));
  };

  let timer: NodeJS.Timeout;
  const lookIn = (ms: number) => {
    // An answer may have come while this process was busy itself: what has arrived is read before anyone is blamed.
    timer = setTimeout(() => setImmediate(() => isOver || look()), Math.ceil(ms));
  };
  lookIn(Math.min(POLL_MS, busyMs));
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
