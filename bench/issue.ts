/**
 * Measures how many keys are issued per second, against a bare transaction that inserts the same rows with pg alone. Both
 * run in turn with 32 callers on one embedded PostgreSQL with fsync on; the result is their ratio. Also prints the CPU time
 * of a key: of this process, of the policy modules and of PostgreSQL; other programs on the machine change it less. Then it
 * measures issueKeys with 1,000 keys a call, against COPY of the same rows into the same tables, both with two callers.
 *
 *   npm run bench:issue
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool } from 'pg';
import { pino } from 'pino';
import { runFirstStart } from '../src/accounts/first-start.ts';
import { Passwords } from '../src/accounts/passwords.ts';
import { isFailure } from '../src/domain/failure.ts';
import { newId } from '../src/domain/id.ts';
import { issueKey } from '../src/keys/issue.ts';
import { BULK_ROWS_MAX, issueKeys } from '../src/keys/issue-many.ts';
import { PolicyRuntime } from '../src/policies/runtime/runtime.ts';
import { startEmbedded } from '../src/store/embedded.ts';
import { migrate } from '../src/store/migrate.ts';
import { openStore } from '../src/store/prisma.ts';
import { systemRandom } from '../src/store/random.ts';
import { Sealer } from '../src/store/sealing.ts';
import { actAsAdministrator } from './administrator.ts';
import { reportFigure } from './goals.ts';
import { openKeyCopier } from './issue/copy-keys.ts';
import { cpuParts, cpuTimes, cpuTimesBetween, type CpuTimes } from './verify/cpu-times.ts';
import { spread } from './verify/spread.ts';

const CALLERS = 32;

/** Duration of each variant in a round, in ms, and number of rounds. The first round is a warm-up. */
const ROUND_MS = 3_000;
const ROUNDS = 6;

/** Callers of issueKeys, and calls in a round: as `keytide import` sends rows. */
const BULK_CALLERS = 2;
const BULK_CALLS = 8;

/** The first positions of the events of the bare transactions, and of the copies: far above those of the log. */
const BARE_POSITIONS = 1_000_000_000_000;
const COPIED_POSITIONS = 1_500_000_000_000;
const END_OF_POSITIONS = 2_000_000_000_000;

/** The columns whose values are JSON. pg would send their arrays as arrays of PostgreSQL. */
const jsonColumns = new Set(['scopes', 'metadata', 'verdicts', 'data']);

const log = pino({ enabled: false });
const folder = mkdtempSync(join(tmpdir(), 'keytide-bench-'));
const clock = { now: () => new Date(), after: () => () => undefined };
const embedded = await startEmbedded({ folder: join(folder, 'data'), log });
const policies = new PolicyRuntime({
  sources: { pluginsDir: fileURLToPath(new URL('../plugins', import.meta.url)), extraDir: null, packages: [] },
  storeDir: join(folder, 'policies'),
  log,
  clock,
});
try {
  await migrate(embedded.connectionString, { log });
  await policies.start();
  const store = openStore(embedded.connectionString, { poolSize: CALLERS, log });
  const pool = new Pool({ connectionString: embedded.connectionString, max: CALLERS });
  await compare(store, pool);
  await pool.end();
  await store.close();
} finally {
  await policies.stop();
  await embedded.stop();
  rmSync(folder, { recursive: true, force: true });
}

type BulkCore = Parameters<typeof issueKeys>[0];
type BulkCaller = Parameters<typeof issueKeys>[1];

async function compare({ prisma }: ReturnType<typeof openStore>, pool: Pool): Promise<void> {
  const sealer = new Sealer(systemRandom(32), systemRandom);
  const core = { prisma, clock, random: systemRandom, sealer, policies };
  await runFirstStart(
    { ...core, passwords: new Passwords(systemRandom) },
    { email: 'admin@example.com', password: null },
  );
  const admin = await actAsAdministrator(prisma);
  const scopes = [{ action: 'package:push', resource: 'Acme.*' }];
  const issue = async () => {
    const issued = await issueKey(core, admin, { realm: 'default', name: 'release', scopes, labels: [], ask: null });
    if (isFailure(issued)) throw new Error(issued.message);
  };
  await issue();
  const insert = await prepareInsert(pool);

  const issued: Rate[] = [];
  const bare: Rate[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const [one, other] = [await rate(issue), await rate(insert)];
    if (round === 0) continue;
    issued.push(one);
    bare.push(other);
  }
  const perSecond = (rates: readonly Rate[]) => rates.map((one) => one.perSecond);
  const ratios = issued.map((one, index) => one.perSecond / (bare[index]?.perSecond ?? Number.NaN));
  console.log(
    `issued/s: ${spread(perSecond(issued))}; bare/s: ${spread(perSecond(bare))}; ratio: ${spread(ratios, 3)}`,
  );
  for (const [name, rates] of Object.entries({ issued, bare })) {
    const parts = cpuParts.map(
      (part) =>
        `${part} ${spread(
          rates.map(({ cpuMs }) => cpuMs[part]),
          2,
        )}`,
    );
    console.log(`CPU time of a key that is ${name}, in ms: ${parts.join('; ')}`);
  }
  reportFigure('issue', ratios);
  await compareBulk(core, admin, pool);
}

/** Measures issueKeys against COPY of the same rows. What is copied is made before the time is taken. */
async function compareBulk(core: BulkCore, admin: BulkCaller, pool: Pool): Promise<void> {
  const keys = Array.from({ length: BULK_ROWS_MAX }, (_, index) => ({
    name: `release ${index}`,
    scopes: [{ action: 'package:push', resource: `Acme.${index}` }],
    labels: [{ name: 'repo', value: `repository-${index}` }],
    ask: null,
  }));
  const issue = async () => {
    const issued = await issueKeys(core, admin, { realm: 'default', keys });
    if (isFailure(issued)) throw new Error(issued.message);
    return issued.keyIds;
  };
  const copier = await openKeyCopier(pool, await issue(), COPIED_POSITIONS);
  const issuing: number[] = [];
  const copying: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const batches = Array.from({ length: BULK_CALLS }, () => copier.prepare());
    const one = await secondsOf(BULK_CALLS, issue);
    const other = await secondsOf(BULK_CALLS, () => copier.write(batches.pop() as (typeof batches)[number]));
    if (round === 0) continue;
    issuing.push((BULK_CALLS * BULK_ROWS_MAX) / one);
    copying.push((BULK_CALLS * BULK_ROWS_MAX) / other);
  }
  const ratios = issuing.map((one, index) => one / (copying[index] ?? Number.NaN));
  console.log(`issueKeys: issued/s: ${spread(issuing)}; copied/s: ${spread(copying)}; ratio: ${spread(ratios, 3)}`);
  reportFigure('issueMany', ratios);
}

/** Returns the time that so many calls take, by callers that begin the next call when theirs has ended. */
async function secondsOf(count: number, call: () => Promise<unknown>): Promise<number> {
  const beganAtMs = performance.now();
  let left = count;
  const work = async () => {
    while ((left -= 1) >= 0) await call();
  };
  await Promise.all(Array.from({ length: BULK_CALLERS }, work));
  return (performance.now() - beganAtMs) / 1000;
}

/** Returns a transaction that inserts the rows of one issued key again, as copies with other ids and places. */
async function prepareInsert(pool: Pool): Promise<() => Promise<void>> {
  const tables = ['Key', 'Secret', 'Judgement', 'Event'];
  const rows = new Map<string, Record<string, unknown>>();
  for (const table of tables) {
    const { rows: found } = await pool.query(
      table === 'Event'
        ? `SELECT * FROM "Event" WHERE type = 'KEY_ISSUED' LIMIT 1`
        : `SELECT * FROM "${table}" LIMIT 1`,
    );
    rows.set(table, found[0] as Record<string, unknown>);
  }
  await pool.query(
    `CREATE TABLE bare_events PARTITION OF "Event" FOR VALUES FROM (${BARE_POSITIONS}) TO (${END_OF_POSITIONS})`,
  );
  await pool.query(`CREATE SEQUENCE bare START ${BARE_POSITIONS}`);
  return async () => {
    const keyId = newId('key', clock.now(), systemRandom);
    const own: Record<string, Record<string, unknown>> = {
      Key: { id: keyId },
      Secret: { id: newId('secret', clock.now(), systemRandom), keyId, digest: Buffer.from(systemRandom(32)) },
      Judgement: { keyId },
      Event: { id: newId('event', clock.now(), systemRandom), keyId },
    };
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      for (const table of tables) {
        const row: Record<string, unknown> = { ...rows.get(table), ...own[table] };
        const columns = Object.keys(row).filter((column) => column !== 'position');
        const values = columns.map((column) => {
          const value = row[column];
          return jsonColumns.has(column) && value !== null ? JSON.stringify(value) : value;
        });
        const names = columns.map((column) => `"${column}"`);
        const places = values.map((_, index) => `$${index + 1}`);
        if (table === 'Event') {
          names.push('position');
          places.push(`nextval('bare')`);
        }
        await client.query({
          name: table,
          text: `INSERT INTO "${table}" (${names.join(', ')}) VALUES (${places.join(', ')})`,
          values,
        });
      }
      await client.query('COMMIT');
    } finally {
      client.release();
    }
  };
}

interface Rate {
  readonly perSecond: number;
  /** The CPU time of a run, in ms. */
  readonly cpuMs: CpuTimes;
}

/** Returns how many runs of all callers complete per second, and what they cost. */
async function rate(run: () => Promise<unknown>): Promise<Rate> {
  const before = cpuTimes(folder);
  const beganAtMs = performance.now();
  let count = 0;
  const work = async () => {
    while (performance.now() - beganAtMs < ROUND_MS) {
      await run();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, work));
  const elapsedMs = performance.now() - beganAtMs;
  return { perSecond: (count * 1000) / elapsedMs, cpuMs: cpuTimesBetween(before, cpuTimes(folder), count) };
}
