import { readFileSync } from 'node:fs';

/** How long a process has kept a processor busy, and how much memory it holds. */
export interface ProcessUse {
  readonly busyMs: number;
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
    return { busyMs: (inProgram + inKernel) * TICK_MS, memoryBytes: pages * PAGE_BYTES };
  } catch {
    return null;
  }
}
