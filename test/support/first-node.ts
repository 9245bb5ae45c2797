import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { runFirstStart } from '../../src/accounts/first-start.ts';
import { Passwords } from '../../src/accounts/passwords.ts';
import { Sensitive } from '../../src/domain/sensitive.ts';
import { PolicyRuntime } from '../../src/policies/runtime/runtime.ts';
import { openStore } from '../../src/store/prisma.ts';
import { systemRandom } from '../../src/store/random.ts';
import { Sealer } from '../../src/store/sealing.ts';
import { ManualClock } from './clock.ts';
import { silent } from './embedded-process.ts';

export const ADMIN = { email: 'admin@example.com', password: 'a good long password' };

/** One sealing key for all nodes of all tests. */
export const sealingKey = new Uint8Array(32).fill(7);

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Where the modules that come with Keytide are, for all test processes. */
export const policyFolders = {
  pluginsDir: at('plugins'),
  // By what they hold, so that processes share it.
  storeDir: at('node_modules/.cache/keytide-policies'),
};

/** Has the first node start on a migrated database, at the moment at which tests begin. */
export async function startFirstNode(connectionString: string): Promise<void> {
  const clock = new ManualClock();
  const store = openStore(connectionString, { poolSize: 2, log: silent });
  const { pluginsDir, storeDir } = policyFolders;
  const sources = { pluginsDir, extraDir: null, packages: [] };
  const policies = new PolicyRuntime({ sources, storeDir, log: pino({ enabled: false }), clock });
  try {
    await policies.start();
    const random = systemRandom;
    const sealer = new Sealer(sealingKey, random);
    const core = { prisma: store.prisma, clock, random, sealer, policies, passwords: new Passwords(random) };
    await runFirstStart(core, { email: ADMIN.email, password: new Sensitive(ADMIN.password) });
  } finally {
    await policies.stop();
    await store.close();
  }
}
