import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { PolicyRuntime } from '../../src/policies/runtime/runtime.ts';
import { ManualClock } from './clock.ts';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

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
    sources: { pluginsDir: at('plugins'), extraDir, packages: [] },
    // By what they hold, so that processes share it.
    storeDir: at('node_modules/.cache/keytide-policies'),
    log: pino({ enabled: false }),
    clock: new ManualClock(),
  });
  await policies.start();
  return policies;
}
