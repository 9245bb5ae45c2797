import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { PolicyRuntime } from '../../src/policies/runtime/runtime.ts';
import { ManualClock } from './clock.ts';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

let shared: Promise<PolicyRuntime> | null = null;

/** The modules that come with Keytide, loaded once for all nodes of a test process. Their process ends with it. */
export function sharedPolicies(): Promise<PolicyRuntime> {
  shared ??= openPolicies();
  return shared;
}

async function openPolicies(): Promise<PolicyRuntime> {
  const policies = new PolicyRuntime({
    sources: { pluginsDir: at('plugins'), extraDir: null, packages: [] },
    storeDir: at('node_modules/.cache/keytide-policies'),
    log: pino({ enabled: false }),
    clock: new ManualClock(),
  });
  await policies.start();
  return policies;
}
