/**
 * Measures the cost of reading a long log, and of its retention for appends: npm run bench:log [-- <events>]
 *
 * Fills the log of an embedded PostgreSQL (fsync off) with events (default 10,000,000), the first half of them expired.
 * Measures the time to the first event from 40 positions, for several filters; the time to a page of a key's history; a
 * catch-up of the last tenth against a bare SELECT of the same rows by pg; and the longest wait of a change while the
 * expired half is copied and dropped, against the longest wait in a quiet time.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY_MS, HOUR_MS } from '../src/domain/duration.ts';
import type { EventFilter } from '../src/log/event-query.ts';
import { Follower } from '../src/log/follower.ts';
import { readKeyHistory } from '../src/log/key-history.ts';
import { followLog } from '../src/log/follow-log.ts';
import { maintainLog } from '../src/log/maintain-log.ts';
import { startEmbedded } from '../src/store/embedded.ts';
import { migrate } from '../src/store/migrate.ts';
import { openStore, type Store } from '../src/store/prisma.ts';
import { systemRandom } from '../src/store/random.ts';
import { Sealer } from '../src/store/sealing.ts';
import { appendDuring, type AppendTiming } from './log/appenders.ts';
import { fillLog, RARE_KEY, RARE_OWNER, RARE_TYPE } from './log/fill-log.ts';

const count = Number(process.argv[2] ?? 10_000_000);
const caughtUpCount = Math.round(count / 10);

/** Number of positions from which a first event is read. */
const PLACES = 40;

/** Number of rows that the bare SELECT reads at once, because all of them would not fit into memory. */
const BARE_PAGE = 100_000;

const QUIET_MS = 10_000;

const log = { info() {}, warn: (message: string) => process.stderr.write(`${message}\n`) };
let aheadMs = 0;
const clock = { now: () => new Date(Date.now() + aheadMs), after: () => () => undefined };
const folder = mkdtempSync(join(tmpdir(), 'keytide-bench-'));
const parameters = { shared_buffers: '512MB', max_wal_size: '4GB' };
const embedded = await startEmbedded({ folder, fsync: false, parameters, log });
try {
  await migrate(embedded.connectionString, { log });
  const store = openStore(embedded.connectionString, { poolSize: 10, log });
  await measureAll(store).finally(() => store.close());
} finally {
  await embedded.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measureAll(store: Store): Promise<void> {
  const { prisma } = store;
  const connect = async () => {
    const client = store.openClient();
    await client.connect();
    return client;
  };
  const filledMs = await timed(() => fillLog(connect, clock, count));
  console.log(`${count} events, made in ${Math.round(filledMs / 1000)} s`);
  const core = { prisma, clock, random: systemRandom, sealer: new Sealer(new Uint8Array(32), systemRandom) };
  const follower = new Follower(core, { connect, onFailure: (error) => log.warn(String(error)) });
  await follower.start();

  const first = async (after: number, filter: EventFilter, isAdministrator: boolean) => {
    const id = 'account_0';
    const caller = { kind: 'ACCOUNT', id, name: '', sessionId: '', isAdministrator, roles: new Map() } as const;
    const { signal } = new AbortController();
    const options = { signal, getQuery: () => ({ caller, filter }) };
    for await (const { events } of followLog({ follower, clock }, BigInt(after), options))
      if (events.length > 0) return;
  };
  const firstOf: Record<string, [EventFilter, boolean]> = {
    everything: [{}, true],
    'what an account may see': [{}, false],
    'an account, of a rare type': [{ types: ['KEY_REVOKED'] }, false],
    'a type': [{ types: ['KEY_RENEWED'] }, true],
    'a type at the end alone': [{ types: [RARE_TYPE] }, true],
    'a key': [{ keyIds: ['key_77777'] }, true],
    'a key at both ends alone': [{ keyIds: [RARE_KEY] }, true],
    'an owner': [{ owner: 'account_500' }, true],
    'an owner at both ends alone': [{ owner: RARE_OWNER }, true],
    'an owner, of a rare type': [{ owner: 'account_0', types: ['KEY_REVOKED'] }, true],
    'a realm, of a type': [{ realm: 'default', types: ['KEY_REVOKED'] }, true],
    'all of that': [{ realm: 'default', owner: 'account_0', types: ['KEY_REVOKED'] }, true],
  };
  console.log('\nfirst event, ms              median   longest');
  for (const [name, [filter, isAdministrator]] of Object.entries(firstOf)) {
    await report(name, (place) => first(Math.floor(place * (count - 1_000)), filter, isAdministrator));
  }
  await report('page of a key’s history', (place) =>
    readKeyHistory(prisma, `key_${Math.floor(place * 100_000)}`, BigInt(Math.floor(place * count * 0.9)), 21),
  );

  const from = count - caughtUpCount;
  const bareMs = await timed(async () => {
    const client = await connect();
    for (let after = from; after < count; after += BARE_PAGE) {
      await client.query(`SELECT * FROM "Event" WHERE position > $1 ORDER BY position LIMIT ${BARE_PAGE}`, [after]);
    }
    await client.end();
  });
  const caughtUpMs = await timed(async () => {
    const caller = {
      kind: 'ACCOUNT',
      id: '',
      name: '',
      sessionId: '',
      isAdministrator: true,
      roles: new Map(),
    } as const;
    const { signal } = new AbortController();
    const options = { signal, getQuery: () => ({ caller, filter: {} }) };
    for await (const { readTo } of followLog({ follower, clock }, BigInt(from), options)) {
      if (readTo >= BigInt(count)) break;
    }
  });
  const rate = (ms: number) => Math.round((caughtUpCount * 1000) / ms);
  console.log(
    `\ncatch-up of ${caughtUpCount}: ${rate(caughtUpMs)} events/s; bare SELECT: ${rate(bareMs)} rows/s; ratio ${(bareMs / caughtUpMs).toFixed(2)}`,
  );

  const { signal } = new AbortController();
  const tend = () => maintainLog({ clock, connect, retentionMs: 400 * DAY_MS, signal });
  console.log('\nwhile                  changes/s   longest wait, ms');
  print('nothing else', await appendDuring(core, () => new Promise((resolve) => setTimeout(resolve, QUIET_MS))));
  print('history is copied', await appendDuring(core, tend));
  aheadMs = HOUR_MS;
  print('partitions go', await appendDuring(core, tend));
  const [{ bytes }] = await prisma.$queryRaw<[{ bytes: bigint }]>`
    SELECT sum(pg_total_relation_size(inhrelid))::bigint AS bytes FROM pg_inherits WHERE inhparent = '"Event"'::regclass`;
  const [{ remaining }] = await prisma.$queryRaw<[{ remaining: bigint }]>`SELECT count(*) AS remaining FROM "Event"`;
  console.log(
    `\n${remaining} events are left, of ${Math.round(Number(bytes / remaining))} bytes each with their indexes`,
  );
  await follower.stop();
}

async function report(name: string, run: (place: number) => Promise<unknown>): Promise<void> {
  const all: number[] = [];
  for (let index = 0; index < PLACES; index += 1) all.push(await timed(() => run(index / PLACES)));
  const [median, longest] = [all.toSorted((a, b) => a - b)[PLACES / 2] ?? 0, Math.max(...all)];
  console.log(`${name.padEnd(26)} ${median.toFixed(1).padStart(8)} ${longest.toFixed(1).padStart(9)}`);
}

function print(name: string, { count, ms, longestMs }: AppendTiming): void {
  console.log(
    `${name.padEnd(20)} ${String(Math.round((count * 1000) / ms)).padStart(11)} ${longestMs.toFixed(0).padStart(18)}`,
  );
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const beganAtMs = performance.now();
  await run();
  return performance.now() - beganAtMs;
}
