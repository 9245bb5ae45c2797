import type { PolicyRuntime } from './runtime/runtime.ts';

/** The part of the runtime that evaluations need. */
export type Policies = Pick<PolicyRuntime, 'versions' | 'find' | 'readConfig' | 'evaluate'>;

/** Whether this node can run a version: it is known, and its module has not been removed or broken since. */
export function isRunnable(policies: Policies, hash: string): boolean {
  const version = policies.find(hash);
  return version !== undefined && policies.versions().some(({ name, isCurrent }) => name === version.name && isCurrent);
}
