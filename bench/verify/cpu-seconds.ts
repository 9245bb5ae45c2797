import { readFileSync } from 'node:fs';

/** As of getconf CLK_TCK, which is 100 on Linux. */
const TICKS_PER_SECOND = 100;

/** Returns the CPU time that a process has used, of user and kernel. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
