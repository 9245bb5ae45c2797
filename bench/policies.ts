// Measures the cost of policies on many keys: npm run bench:policies [-- <keys>]
//
// Creates keys (default 100,000) in a fresh embedded PostgreSQL, previews a binding that affects all of them, confirms
// it, and
// reviews all of them again, while one caller verifies a key repeatedly. Prints the keys per second of each step, the
// memory of
// this process and of the modules, and how much slower a verification was than before.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { runFirstStart } from '../src/accounts/first-start.ts';
import { Passwords } from '../src/accounts/passwords.ts';
import { bindPolicy } from '../src/bindings/bind.ts';
import { previewPolicy } from '../src/bindings/preview.ts';
import { actAsAdministrator } from './administrator.ts';
import { newSecret } from '../src/domain/secret.ts';
import { loadSecrets } from '../src/keys/table/load-secrets.ts';
import { UseRecorder } from '../src/keys/use-recorder.ts';
import { ReviewLoop } from '../src/keys/review-loop.ts';
import { maintainLog } from '../src/log/maintain-log.ts';
import { PolicyRuntime } from '../src/policies/runtime/runtime.ts';
import { startEmbedded } from '../src/store/embedded.ts';
import { migrate } from '../src/store/migrate.ts';
import { openStore, type Store } from '../src/store/prisma.ts';
import { systemRandom } from '../src/store/random.ts';
import { Sealer } from '../src/store/sealing.ts';

const count = Number(process.argv[2] ?? 100_000);
const log = pino({ enabled: false });
const folder = mkdtempSync(join(tmpdir(), 'keytide-bench-'));
const embedded = await startEmbedded({ folder: join(folder, 'data'), log });
const clock = {
  now: () => new Date(),
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
const policies = new PolicyRuntime({
  sources: { pluginsDir: fileURLToPath(new URL('../plugins', import.meta.url)), extraDir: null, packages: [] },
  storeDir: join(folder, 'policies'),
  log,
  clock,
});
try {
  await migrate(embedded.connectionString, { log });
  const store = openStore(embedded.connectionString, { poolSize: 10, log });
  await policies.start();
  const { prisma } = store;
  const sealer = new Sealer(systemRandom(32), systemRandom);
  const passwords = new Passwords(systemRandom);
  const core = { prisma, clock, random: systemRandom, sealer, policies, passwords };
  const uses = new UseRecorder(core, () => undefined);
  await runFirstStart(core, { email: 'admin@example.com', password: null });
  const admin = await actAsAdministrator(prisma);
  const secret = await makeKeys();
  const verify = async () => void (await loadSecrets(core, [Buffer.from(secret.digest()).toString('hex')]));

  const quiet = await latency(verify, () => pause(3_000));
  const proposal = { realm: 'default', policy: 'active-never-expires', config: { idle: 'P200D' } };
  const [previewing, cpuBefore] = [performance.now(), process.cpuUsage()];
  const preview = await previewPolicy(core, admin, proposal);
  report('preview', preview.keyCount, performance.now() - previewing, process.cpuUsage(cpuBefore));

  // Like a node's retention job before the log is full: each key gets an event.
  const { signal } = new AbortController();
  await maintainLog({ clock, connect: () => connect(store), retentionMs: null, signal });
  await bindPolicy(core, admin, { ...proposal, previewToken: preview.previewToken });
  const reviewer = new ReviewLoop(
    { ...core, uses, channels: [] },
    { mayReview: () => true, onReviewed: () => undefined, onFailure: (error) => console.error(error) },
  );
  const [looking, cpuBetween] = [performance.now(), process.cpuUsage()];
  const busy = await latency(verify, () => reviewer.reviewDue());
  report('reviewed again', count, performance.now() - looking, process.cpuUsage(cpuBetween));
  const shortened = await prisma.key.count({ where: { stopsAt: { lt: new Date(Date.now() + 201 * 86_400_000) } } });
  console.log(`shortened stops: ${shortened}`);
  console.log(`memory of this process: ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB`);
  console.log(
    `a verification's look-up, median: ${quiet.toFixed(2)} ms alone, ${busy.toFixed(2)} ms meanwhile, ratio ${(busy / quiet).toFixed(1)}`,
  );
  await store.close();

  /** Creates keys that were issued over the last year and used since; returns the secret of the last one. */
  async function makeKeys() {
    const { id: realmId } = await prisma.realm.findFirstOrThrow();
    const made = newSecret(systemRandom);
    // In batches that a statement inserts well within its timeout.
    for (let from = 1; from <= count; from += 100_000) {
      const to = Math.min(count, from + 99_999);
      await prisma.$executeRaw`
        INSERT INTO "Key" (id, "realmId", "accountId", name, scopes, "createdAt", "grantedAt", "activeAt", "lastUsedAt",
                           "stopsAt", "stopsBasis", "reviewAt")
        SELECT 'key_' || lpad(to_hex(n), 26, '0'), ${realmId}, ${admin.id}, 'key ' || n,
               '[{"action":"package:push","resource":"Acme.*"}]'::jsonb, at, at, at, at, at + interval '395 days', 'BY_USE',
               at + interval '365 days'
        FROM (SELECT n, now() - (n % 150) * interval '1 day' AS at FROM generate_series(${from}::int, ${to}::int) AS n) AS drawn`;
      await prisma.$executeRaw`
        INSERT INTO "Secret" (id, "keyId", generation, digest, start, "createdAt")
        SELECT 'secret_' || id, id, 1, sha256(id::bytea), 'kt_', "createdAt"
        FROM "Key" WHERE id > 'key_' || lpad(to_hex(${from}::int - 1), 26, '0')`;
    }
    await prisma.$executeRaw`
      UPDATE "Secret" SET digest = ${Buffer.from(made.digest())} WHERE id = (SELECT max(id) FROM "Secret")`;
    await prisma.$executeRaw`ANALYZE`;
    return made;
  }
} finally {
  await policies.stop();
  await embedded.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function connect(store: Store) {
  const client = store.openClient();
  await client.connect();
  return client;
}

function report(what: string, keys: number, ms: number, { user, system }: NodeJS.CpuUsage): void {
  const cpuMs = (user + system) / 1000;
  const perSecond = (inMs: number) => Math.round((keys / inMs) * 1000);
  console.log(
    `${what}: ${keys} keys in ${(ms / 1000).toFixed(1)} s, ${perSecond(ms)} a second, ${perSecond(cpuMs)} a CPU-second of this process`,
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}

/** Returns the median time of a call, in ms, repeated while something else runs. */
async function latency(call: () => Promise<void>, meanwhile: () => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  const state = { isOver: false };
  const ended = meanwhile().finally(() => (state.isOver = true));
  while (!state.isOver) {
    const from = performance.now();
    await call();
    took.push(performance.now() - from);
    await pause(5);
  }
  await ended;
  return took.sort((a, b) => a - b)[Math.floor(took.length / 2)] ?? NaN;
}
