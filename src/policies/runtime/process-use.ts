import { readFileSync } from 'node:fs';

/** How long a process has kept a processor busy and has waited for one, and how much memory it holds. */
export interface ProcessUse {
  readonly busyMs: number;
  /** 0 where the system does not tell. */
  readonly waitedMs: number;
  readonly memoryBytes: number;
}

/** Linux tells in these units on every machine that Node runs on (proc(5), sysconf(3)). */
const TICK_MS = 10;
const PAGE_BYTES = 4_096;

/** What a process has used so far (proc(5), /proc/pid/stat); null where the system does not tell. */
export function readProcessUse(pid: number): ProcessUse | null {
  try {
    // The name of the program, in parentheses, may hold anything: fields are counted from behind it, the first is the 3rd.
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [inProgram, inKernel, pages] = [fields[11], fields[12], fields[21]].map(Number);
    if (inProgram === undefined || inKernel === undefined || pages === undefined) return null;
    const busyMs = (inProgram + inKernel) * TICK_MS;
    return { busyMs, waitedMs: readWaitedMs(pid), memoryBytes: pages * PAGE_BYTES };
  } catch {
    return null;
  }
}

/** How long its main thread was ready to run while others ran (Linux, sched-stats, /proc/pid/schedstat: in nanoseconds). */
function readWaitedMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[1] ?? 0) / 1e6;
  } catch {
    return 0;
  }
}
