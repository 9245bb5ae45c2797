import type { PolicyRuntime } from './runtime/runtime.ts';

/** What those who ask policies need of the runtime. */
export type Policies = Pick<PolicyRuntime, 'versions' | 'find' | 'readConfig' | 'evaluate'>;

/** Whether a version can be asked here: it is known, and its module has not been taken away or broken since. */
export function isRunnable(policies: Policies, hash: string): boolean {
  const version = policies.find(hash);
  return version !== undefined && policies.versions().some(({ name, isCurrent }) => name === version.name && isCurrent);
}
