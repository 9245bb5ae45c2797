import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { PolicyRuntime } from '../../src/policies/runtime/runtime.ts';
import { ManualClock } from './clock.ts';
import { policyFolders } from './first-node.ts';

let shared: Promise<PolicyRuntime> | null = null;

/** The modules that come with Keytide, loaded once for all nodes of a test process. Their process ends with it. */
export function sharedPolicies(): Promise<PolicyRuntime> {
  shared ??= openPolicies(null);
  return shared;
}

/** The same with the modules of a folder beside them; it ends with the test. */
export async function policiesWith(extraDir: string): Promise<PolicyRuntime> {
  const policies = await openPolicies(extraDir);
  onTestFinished(() => policies.stop());
  return policies;
}

async function openPolicies(extraDir: string | null): Promise<PolicyRuntime> {
  const policies = new PolicyRuntime({
    sources: { pluginsDir: policyFolders.pluginsDir, extraDir, packages: [] },
    storeDir: policyFolders.storeDir,
    log: pino({ enabled: false }),
    clock: new ManualClock(),
  });
  await policies.start();
  return policies;
}
