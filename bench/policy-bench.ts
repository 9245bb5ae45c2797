import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { runFirstStart } from '../src/accounts/first-start.ts';
import { Passwords } from '../src/accounts/passwords.ts';
import { PolicyRuntime } from '../src/policies/runtime/runtime.ts';
import { startEmbedded } from '../src/store/embedded.ts';
import { migrate } from '../src/store/migrate.ts';
import { openStore } from '../src/store/prisma.ts';
import { systemRandom } from '../src/store/random.ts';
import { Sealer } from '../src/store/sealing.ts';
import { actAsAdministrator } from './administrator.ts';

const log = pino({ enabled: false });

export const clock = {
  now: () => new Date(),
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Starts a fresh embedded PostgreSQL and the policies of this checkout, with what use cases need and an administrator.
 * `makeExtraPolicies` writes further modules into a folder. `close` stops all of it and removes its folder.
 */
export async function openPolicyBench(makeExtraPolicies?: (folder: string) => void) {
  const folder = mkdtempSync(join(tmpdir(), 'keytide-bench-'));
  const extraDir = makeExtraPolicies === undefined ? null : join(folder, 'plugins');
  if (extraDir !== null) makeExtraPolicies?.(extraDir);
  const embedded = await startEmbedded({ folder: join(folder, 'data'), log });
  const policies = new PolicyRuntime({
    sources: { pluginsDir: fileURLToPath(new URL('../plugins', import.meta.url)), extraDir, packages: [] },
    storeDir: join(folder, 'policies'),
    log,
    clock,
  });
  const close = async () => {
    await policies.stop();
    await embedded.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await migrate(embedded.connectionString, { log });
    const store = openStore(embedded.connectionString, { poolSize: 10, log });
    await policies.start();
    const sealer = new Sealer(systemRandom(32), systemRandom);
    const passwords = new Passwords(systemRandom);
    const core = { prisma: store.prisma, clock, random: systemRandom, sealer, policies, passwords, approvalKeys: null };
    await runFirstStart(core, { email: 'admin@example.com', password: null });
    const admin = await actAsAdministrator(store.prisma);
    return { core, admin, store, folder, close: async () => store.close().then(close) };
  } catch (error) {
    await close();
    throw error;
  }
}
