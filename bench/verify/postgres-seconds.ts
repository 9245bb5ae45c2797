import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuSeconds, endedChildrenSeconds } from './cpu-seconds.ts';

/** Returns the CPU time of all processes so far of the embedded PostgreSQL whose data is in a folder, or below it. */
export function postgresSeconds(folder: string): number {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const path = paths.find((one) => one.endsWith('postmaster.pid')) ?? '';
  const root = Number(readFileSync(join(folder, path), 'utf8').split('\n')[0]);
  return treeSeconds(root) + endedChildrenSeconds(root);
}

/** Returns the CPU time of a process and of the processes that it has started and that still run. */
export function treeSeconds(root: number): number {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return [root, ...all.filter((pid) => parentOf(pid) === root)].reduce((sum, pid) => sum + cpuSeconds(pid), 0);
}

function parentOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);
  } catch {
    return 0;
  }
}
