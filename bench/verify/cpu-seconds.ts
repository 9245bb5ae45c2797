import { readFileSync } from 'node:fs';

/** As of getconf CLK_TCK, which is 100 on Linux. */
const TICKS_PER_SECOND = 100;

/** Returns the CPU time that a process has used, of user and kernel. */
export function cpuSeconds(pid: number): number {
  return sumFields(pid, [11, 12]);
}

/** Returns the CPU time of the processes that a process has started and that have ended. */
export function endedChildrenSeconds(pid: number): number {
  return sumFields(pid, [13, 14]);
}

/** Sums fields of /proc/pid/stat (proc(5)), counted after the program's name, which may contain anything. */
function sumFields(pid: number, places: readonly number[]): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return places.reduce((sum, place) => sum + Number(fields[place]), 0) / TICKS_PER_SECOND;
}
