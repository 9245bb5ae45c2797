import { postgresSeconds, treeSeconds } from './postgres-seconds.ts';

/** CPU time in ms: of this process, of the processes that run policy modules, and of PostgreSQL. */
export interface CpuTimes {
  readonly node: number;
  readonly modules: number;
  readonly postgres: number;
}

export const cpuParts = ['node', 'modules', 'postgres'] as const satisfies readonly (keyof CpuTimes)[];

/** Returns the CPU times so far, with that of the embedded PostgreSQL whose data is below a folder. */
export function cpuTimes(folder: string): CpuTimes {
  const { user, system } = process.cpuUsage();
  const node = (user + system) / 1000;
  const ofTree = treeSeconds(process.pid) * 1000;
  return { node, modules: Math.max(0, ofTree - node), postgres: postgresSeconds(folder) * 1000 };
}

/** Returns the CPU times between two moments, divided by a count. */
export function cpuTimesBetween(before: CpuTimes, after: CpuTimes, count = 1): CpuTimes {
  const cost = (part: keyof CpuTimes) => (after[part] - before[part]) / count;
  return { node: cost('node'), modules: cost('modules'), postgres: cost('postgres') };
}
