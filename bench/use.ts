/**
 * Measures what it costs to record use: npm run bench:use [-- <keys>]
 *
 * 25,000 uses a second of so many keys (default 10,000, which were used before) are recorded for as long as a batch of a busy
 * node is collected, then the batch is written to an embedded PostgreSQL with fsync on. The results are the CPU time of this
 * process and of all of PostgreSQL, as a share of a core over the time in which the uses came: medians, with the least and
 * the most. Recording and writing are measured apart; no time passes while nothing happens.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hash } from 'node:crypto';
import { UseRecorder } from '../src/keys/use-recorder.ts';
import { realmDefaults } from '../src/realms/create-realm.ts';
import { startEmbedded } from '../src/store/embedded.ts';
import { migrate } from '../src/store/migrate.ts';
import { openStore } from '../src/store/prisma.ts';
import { systemRandom } from '../src/store/random.ts';
import { Sealer } from '../src/store/sealing.ts';
import { SecretStore } from '../src/verifier/secret-store.ts';
import type { FoundKey } from '../src/verifier/stored-secret.ts';
import { reportFigure } from './goals.ts';
import { makeKeys } from './table/make-keys.ts';
import { secretText } from './table/secret-text.ts';
import { postgresSeconds } from './verify/postgres-seconds.ts';
import { spread } from './verify/spread.ts';

const count = Number(process.argv[2] ?? 10_000);

const USES_PER_SECOND = 25_000;
const BATCH_S = 20;
const ROUNDS = 4;

const log = { info() {}, warn: (message: string) => process.stderr.write(`${message}\n`) };
const folder = mkdtempSync(join(tmpdir(), 'keytide-bench-'));
const clock = { now: () => new Date(), after: () => () => undefined };
const embedded = await startEmbedded({ folder: join(folder, 'data'), log });
try {
  await migrate(embedded.connectionString, { log });
  const store = openStore(embedded.connectionString, { poolSize: 4, log: log as never });
  const core = {
    prisma: store.prisma,
    clock,
    random: systemRandom,
    sealer: new Sealer(systemRandom(32), systemRandom),
  };
  const realm = { id: 'realm_bench', slug: 'default', name: 'Default', ...realmDefaults, createdAt: clock.now() };
  await store.prisma.realm.create({ data: realm });
  await makeKeys(embedded.connectionString, count);
  await measure(new UseRecorder(core, (error) => log.warn(String(error))), await holdSecrets(store.prisma));
  await store.close();
} finally {
  await embedded.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measure(uses: UseRecorder, secrets: SecretStore): Promise<void> {
  const digests = Array.from({ length: count }, (_, index) => hash('sha256', secretText(index + 1)));
  const order = Array.from(
    { length: USES_PER_SECOND * BATCH_S },
    () => digests[Math.floor(Math.random() * count)] ?? '',
  );
  const results: { recording: number; writing: number; postgres: number }[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const find = processSeconds(() => visit(secrets, order, () => undefined));
    const record = processSeconds(() => visit(secrets, order, (key, at) => uses.record(key, '', at)));
    const before = postgresSeconds(folder);
    const start = process.cpuUsage();
    await uses.flush();
    const { user, system } = process.cpuUsage(start);
    const writing = (user + system) / 1e6 / BATCH_S;
    const result = {
      recording: (record - find) / BATCH_S,
      writing,
      postgres: (postgresSeconds(folder) - before) / BATCH_S,
    };
    if (round > 0) results.push(result);
  }
  console.log(`${count} keys, ${USES_PER_SECOND} uses a second in batches of ${BATCH_S} s: shares of a core`);
  for (const name of ['recording', 'writing', 'postgres'] as const) {
    console.log(
      `${name}: ${spread(
        results.map((result) => result[name]),
        4,
      )}`,
    );
  }
  const shares = results.map(({ recording, writing }) => recording + writing);
  reportFigure('useNode', shares);
  reportFigure(
    'usePostgres',
    results.map(({ postgres }) => postgres),
  );
}

function visit(secrets: SecretStore, order: readonly string[], take: (key: FoundKey, at: Date) => void): void {
  for (const digest of order) {
    const key = secrets.get(digest);
    if (key === undefined) throw new Error('a secret is not in memory');
    take(key, clock.now());
  }
}

/** Holds all secrets in memory, as a node does. */
async function holdSecrets(prisma: ReturnType<typeof openStore>['prisma']): Promise<SecretStore> {
  const secrets = new SecretStore(count);
  const rows = await prisma.secret.findMany({ include: { key: true } });
  for (const { id: secretId, digest, generation, firstUsedAt, retiresAt, key } of rows) {
    const { id, name, realmId, expiresAt, expiryBasis, stopsAt, expiredAt, revokedAt, renewalDueAt } = key;
    const realm = { realmId, realmSlug: 'default', foldsCase: false, actions: new Set(['package:push']) };
    const owner = { ownerId: key.organizationId ?? '', externalId: null, tokenRuleId: null, labels: [], scopes: [] };
    const life = {
      expiresAt,
      expiryBasis,
      stopsAt,
      expiredAt,
      revokedAt,
      renewalDueAt,
      notBefore: null,
      allowedAddresses: [],
      warnings: [],
      brownouts: [],
      isHeld: false,
      holdSources: [],
    };
    secrets.put({ id, name, secretId, digest, generation, firstUsedAt, retiresAt, ...realm, ...owner, ...life }, 0);
  }
  return secrets;
}

function processSeconds(run: () => void): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}
