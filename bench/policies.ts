// Measures the cost of policies on many keys: npm run bench:policies [-- <keys>]
//
// Creates keys (default 100,000) in a fresh embedded PostgreSQL, previews a binding that affects all of them, confirms
// it, and reviews all of them again, while one caller verifies a key repeatedly. Each review moves a stop and records an
// event. Then reviews all keys once more, which changes none of them, and updates as many rows in batches with pg alone.
// Prints the keys per second of each step, also by the CPU time of this process and of PostgreSQL, the memory of this
// process, and how much slower a verification was than before.

import { bindPolicy } from '../src/bindings/bind.ts';
import { previewPolicy } from '../src/bindings/preview.ts';
import { reportFigure } from './goals.ts';
import { postgresSeconds } from './verify/postgres-seconds.ts';
import { newSecret } from '../src/domain/secret.ts';
import { loadSecrets } from '../src/keys/table/load-secrets.ts';
import { UseRecorder } from '../src/keys/use-recorder.ts';
import { ReviewLoop } from '../src/keys/review-loop.ts';
import { maintainLog } from '../src/log/maintain-log.ts';
import type { Store } from '../src/store/prisma.ts';
import { systemRandom } from '../src/store/random.ts';
import { clock, openPolicyBench } from './policy-bench.ts';

const count = Number(process.argv[2] ?? 100_000);
const bench = await openPolicyBench();
const { core, admin, store, folder } = bench;
const { prisma } = core;
try {
  const uses = new UseRecorder(core, () => undefined);
  const secret = await makeKeys();
  const verify = async () => void (await loadSecrets(core, [Buffer.from(secret.digest()).toString('hex')]));

  const quiet = await latency(verify, () => pause(3_000));
  const proposal = { realm: 'default', policy: 'active-never-expires', config: { idle: 'P200D' } };
  const previewing = start();
  const preview = await previewPolicy(core, admin, proposal);
  const previewSeconds = report('preview', preview.keyCount, previewing);
  reportFigure('preview', [(previewSeconds * 100_000) / count]);

  // Like a node's retention job before the log is full: each key gets an event.
  const { signal } = new AbortController();
  await maintainLog({ clock, connect: () => connect(store), retentionMs: null, signal });
  await bindPolicy(core, admin, { ...proposal, previewToken: preview.previewToken });
  const reviewer = new ReviewLoop(
    { ...core, uses, channels: [] },
    { mayReview: () => true, onReviewed: () => undefined, onFailure: (error) => console.error(error) },
  );
  const reviewing = start();
  const busy = await latency(verify, () => reviewer.reviewDue());
  const reviewSeconds = report('reviewed again, with events', count, reviewing);
  const data = { sweepCursor: '', sweepDone: 0, sweepSilent: 0 };
  await prisma.binding.updateMany({ where: { policy: proposal.policy }, data });
  const sweeping = start();
  await reviewer.reviewDue();
  const unchangedSeconds = report('reviewed again, without a change', count, sweeping);
  reportFigure('review1M', [(unchangedSeconds * 1_000_000) / count / 60]);
  const shortened = await prisma.key.count({ where: { stopsAt: { lt: new Date(Date.now() + 201 * 86_400_000) } } });
  console.log(`shortened stops: ${shortened}`);
  const updating = start();
  await updateBare(store);
  reportFigure('review', [report('bare batched UPDATE', count, updating) / reviewSeconds]);
  console.log(`memory of this process: ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB`);
  console.log(
    `a verification's look-up, median: ${quiet.toFixed(2)} ms alone, ${busy.toFixed(2)} ms meanwhile, ratio ${(busy / quiet).toFixed(1)}`,
  );

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
  await bench.close();
}

async function connect(store: Store) {
  const client = store.openClient();
  await client.connect();
  return client;
}

/** Updates the stops of all keys with pg alone, as many in a statement as a review does. */
async function updateBare(store: Store): Promise<void> {
  const client = await connect(store);
  for (let after = ''; ;) {
    const { rows } = await client.query<{ id: string }>('SELECT id FROM "Key" WHERE id > $1 ORDER BY id LIMIT 500', [
      after,
    ]);
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last.id;
    const stopsAt = new Date(Date.now() + 100 * 86_400_000);
    await client.query({
      name: 'update',
      text: `UPDATE "Key" k SET "stopsAt" = r."stopsAt", "reviewAt" = r."reviewAt"
             FROM jsonb_to_recordset($1::jsonb) AS r(id text, "stopsAt" timestamptz, "reviewAt" timestamptz)
             WHERE k.id = r.id`,
      values: [JSON.stringify(rows.map(({ id }) => ({ id, stopsAt, reviewAt: stopsAt })))],
    });
  }
  await client.end();
}

/** Returns the times so far, in seconds. */
function start() {
  const { user, system } = process.cpuUsage();
  return { wall: performance.now() / 1000, node: (user + system) / 1e6, postgres: postgresSeconds(folder) };
}

/** Prints how long a step took for so many keys. Returns the seconds. */
function report(what: string, keys: number, before: ReturnType<typeof start>): number {
  const after = start();
  const seconds = after.wall - before.wall;
  const perSecond = (inSeconds: number) => Math.round(keys / inSeconds);
  console.log(
    `${what}: ${keys} keys in ${seconds.toFixed(1)} s, ${perSecond(seconds)} a second, ` +
      `${perSecond(after.node - before.node)} a CPU-second of this process, ` +
      `${perSecond(after.postgres - before.postgres)} a CPU-second of PostgreSQL`,
  );
  return seconds;
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
