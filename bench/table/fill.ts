// Fills a table of this process from a database and looks secrets up. Reports to its parent. Needs --expose-gc.
import { hash } from 'node:crypto';
import { fillTable } from '../../src/keys/table/fill-table.ts';
import { KeyTable } from '../../src/keys/table/key-table.ts';
import { openStore } from '../../src/store/prisma.ts';
import { secretText } from './secret-text.ts';

/** What one process has measured. */
export interface TableFigures {
  /** By how many bytes the process has grown, and its heap with the memory beside it. No garbage is counted. */
  readonly rss: number;
  readonly heap: number;
  /** CPU time of this process while the table was filled, in s. */
  readonly fillCpu: number;
  /** In ns of CPU time a look-up, the digest included: the least of all rounds. */
  readonly lookUp: number;
  readonly map: number;
}

const LOOK_UPS = 100_000;
const ROUNDS = 7;

const [connectionString = '', countText = ''] = process.argv.slice(2);
const count = Number(countText);
const clock = { now: () => new Date(), after: () => () => undefined };
const log = { info() {}, warn: (message: string) => process.stderr.write(`${message}\n`) };
const store = openStore(connectionString, { poolSize: 2, log });
const connect = async () => {
  const client = store.openClient();
  await client.connect();
  return client;
};
const freshness = { lagMs: () => 0, catchUp: async () => undefined };
const table = new KeyTable(
  { prisma: store.prisma, clock },
  { freshness, capacity: count + 1_000, onFailure: log.warn as never },
);
const signal = new AbortController().signal;
const begin = measureMemory();
const startedAt = cpuMs();
await fillTable(table, { connect, clock, head: () => 0n, signal });
const fillCpu = (cpuMs() - startedAt) / 1000;
const end = measureMemory();
await store.close();

const texts = Array.from({ length: LOOK_UPS }, (_, index) => secretText(1 + ((index * 7_919) % count)));
const map = new Map<string, object>();
for (let number = 1; number <= count; number += 1)
  map.set(hash('sha256', secretText(number), 'hex'), { expiresAt: 0, number });
const figures: TableFigures = {
  rss: end.rss - begin.rss,
  heap: end.heap - begin.heap,
  fillCpu,
  lookUp: leastNs((text) => table.recallText(text, clock.now())),
  map: leastNs((text) => map.get(hash('sha256', text, 'hex'))),
};
process.send?.(figures, () => process.exit());

function leastNs(find: (text: string) => object | undefined): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    const from = cpuMs();
    for (const text of texts) if (find(text) === undefined) throw new Error(`${text} was not found`);
    least = Math.min(least, ((cpuMs() - from) * 1e6) / texts.length);
  }
  return least;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Without the garbage, and without the pages that V8 keeps to put new objects in. */
function measureMemory() {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed + external };
}
