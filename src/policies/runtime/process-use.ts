import { readFileSync } from 'node:fs';

/** The processor time of a process, the time for which it waited for a processor, and its memory. */
export interface ProcessUse {
  readonly busyMs: number;
  /** The processor time of its main thread, exactly; null if the system does not report it. */
  readonly ranMs: number | null;
  /** 0 if the system does not report it. */
  readonly waitedMs: number;
  readonly memoryBytes: number;
}

/** The units of Linux on every machine that Node runs on (proc(5), sysconf(3)). */
const TICK_MS = 10;
const PAGE_BYTES = 4_096;

/** Reads what a process has used so far (proc(5), /proc/pid/stat); null: the system does not report it. */
export function readProcessUse(pid: number): ProcessUse | null {
  try {
    // The program's name, in parentheses, may contain anything. Fields are counted after it: index 0 is field 3.
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [inProgram, inKernel, pages] = [fields[11], fields[12], fields[21]].map(Number);
    if (inProgram === undefined || inKernel === undefined || pages === undefined) return null;
    const busyMs = (inProgram + inKernel) * TICK_MS;
    return { busyMs, ...readSchedule(pid), memoryBytes: pages * PAGE_BYTES };
  } catch {
    return null;
  }
}

/** Reads how long the main thread ran, and was ready to run but waited (Linux, sched-stats, /proc/pid/schedstat, in nanoseconds). */
function readSchedule(pid: number): Pick<ProcessUse, 'ranMs' | 'waitedMs'> {
  try {
    const [ran = 0, waited = 0] = readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ').map(Number);
    return { ranMs: ran / 1e6, waitedMs: waited / 1e6 };
  } catch {
    return { ranMs: null, waitedMs: 0 };
  }
}
