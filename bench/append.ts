/**
 * Measures the cost of the log's single position lock: changes per second, each a transaction with one event, against
 * transactions that insert the same row without the lock (with positions from a sequence, which would lose events; see
 * docs/decisions, one event log). Both run in turn on one embedded PostgreSQL with fsync on; the result is their ratio.
 *
 *   npm run bench:append
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemActor } from '../src/domain/event.ts';
import type { EventDraft } from '../src/domain/event-detail.ts';
import { newId } from '../src/domain/id.ts';
import { change } from '../src/log/change.ts';
import { startEmbedded } from '../src/store/embedded.ts';
import { migrate } from '../src/store/migrate.ts';
import { openStore } from '../src/store/prisma.ts';
import { systemRandom } from '../src/store/random.ts';
import { Sealer } from '../src/store/sealing.ts';

/** Numbers of concurrent transactions. */
const CONCURRENCIES = [1, 4, 16];

/** Duration of each variant in a round, in ms, and number of rounds. The first round is a warm-up. */
const ROUND_MS = 1_500;
const ROUNDS = 6;

/** Number of events in a change that shares one lock among many events, like reviews and use. */
const BATCH = 200;

const log = { info() {}, warn: (message: string) => process.stderr.write(`${message}\n`) };
const folder = mkdtempSync(join(tmpdir(), 'keytide-bench-'));
const embedded = await startEmbedded({ folder, log });
try {
  await migrate(embedded.connectionString, { log });
  const store = openStore(embedded.connectionString, { poolSize: 20, log: { info() {}, warn() {} } });
  await measureAll(store).finally(() => store.close());
} finally {
  await embedded.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measureAll({ prisma }: ReturnType<typeof openStore>): Promise<void> {
  const clock = { now: () => new Date(), after: () => () => undefined };
  const core = { prisma, clock, random: systemRandom, sealer: new Sealer(new Uint8Array(32), systemRandom) };
  const draft = (): EventDraft => ({
    type: 'KEY_UPDATED',
    at: clock.now(),
    actor: systemActor,
    data: { changed: ['name'], before: { name: 'old' }, after: { name: 'new' } },
  });
  await prisma.$executeRaw`CREATE SEQUENCE bare START 1000000000000`;
  await prisma.$executeRaw`CREATE TABLE bare_events PARTITION OF "Event" FOR VALUES FROM (1000000000000) TO (2000000000000)`;

  const variants = {
    appended: (): Promise<unknown> => change(core, async ({ record }) => record(draft())),
    bare: (): Promise<unknown> =>
      prisma.$transaction(
        (tx) => tx.$executeRaw`
          INSERT INTO "Event" (position, id, type, at, "recordedAt", "actorKind", data)
          VALUES (nextval('bare'), ${newId('event', clock.now(), systemRandom)}, 'KEY_UPDATED', ${clock.now()},
                  ${clock.now()}, 'SYSTEM', '{"changed":["name"]}')`,
      ),
  };
  console.log('concurrent   appended/s      bare/s   ratio');
  for (const concurrency of CONCURRENCIES) {
    const appended: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const [one, other] = [await rate(variants.appended, concurrency), await rate(variants.bare, concurrency)];
      if (round === 0) continue;
      appended.push(one);
      bare.push(other);
    }
    const ratio = median(appended.map((one, index) => one / (bare[index] ?? 1)));
    const columns = [concurrency, Math.round(median(appended)), Math.round(median(bare)), ratio.toFixed(2)];
    console.log(
      columns.map((column, index) => String(column).padStart(index === 0 ? 10 : index === 3 ? 7 : 12)).join(' '),
    );
  }
  const batches = await rate(
    () => change(core, async ({ record }) => record(...Array.from({ length: BATCH }, draft))),
    4,
  );
  console.log(`In changes of ${BATCH} events: ${Math.round(batches * BATCH)} events/s`);
}

/** Returns how many runs complete per second at a given concurrency. */
async function rate(run: () => Promise<unknown>, concurrency: number): Promise<number> {
  const beganAtMs = performance.now();
  let count = 0;
  const work = async () => {
    while (performance.now() - beganAtMs < ROUND_MS) {
      await run();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return (count * 1000) / (performance.now() - beganAtMs);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
