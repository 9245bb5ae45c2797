/**
 * Measures the table of secrets in a node's memory: npm run bench:table [-- <keys>]
 *
 * On an embedded PostgreSQL with 10,000 keys, then with so many (default 1,000,000): a process of its own fills a table
 * and looks secrets up, in turn with SHA-256 and a Map of small objects. It prints the bytes a key, the CPU time of the
 * filling, and the CPU time of a look-up. The bytes a key are the growth beyond 10,000 keys. Then a gateway is started on the database: it prints how long it takes until
 * the gateway is ready, and until it has all keys in memory.
 */
import { fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createPgClient } from '../src/store/connection.ts';
import { startEmbedded } from '../src/store/embedded.ts';
import { reportFigure } from './goals.ts';
import type { TableFigures } from './table/fill.ts';
import { makeKeys } from './table/make-keys.ts';

const SMALL = 10_000;
const count = Number(process.argv[2] ?? 1_000_000);

/** As of getconf CLK_TCK, which is 100 on Linux. */
const TICKS_PER_SECOND = 100;

/** How often the gateway is asked: often enough to measure, and seldom enough to take little of its time. */
const POLL_MS = 100;

/** How long a gateway may take until all keys are in memory, in ms. */
const LIMIT_MS = 120_000;

const main = fileURLToPath(new URL('../src/entry/serve.ts', import.meta.url));
const sealingKey = randomBytes(32).toString('base64');
const log = { info() {}, warn: (message: string) => process.stderr.write(`${message}\n`) };
const folder = mkdtempSync(join(tmpdir(), 'keytide-bench-'));
const embedded = await startEmbedded({ folder: join(folder, 'database'), log });
try {
  // The first start creates the tables, the first realm and the data folder, in which the second one caches its modules.
  for (let start = 0; start < 2; start += 1) await measureStart(0);
  // What the process has with few keys is not a cost of each key.
  let few: (TableFigures & { readonly count: number }) | null = null;
  for (const size of [SMALL, count]) {
    await removeKeys();
    await makeKeys(embedded.connectionString, size);
    const figures = await measureTable(size);
    const { fillCpu, lookUp, map } = figures;
    const { rss, heap, count: fewer } = few ?? { rss: 0, heap: 0, count: 0 };
    const perKey = (bytes: number) => (bytes / (size - fewer)).toFixed(0);
    console.log(
      `${size} keys: ${perKey(figures.rss - rss)} bytes a key of the process, ${perKey(figures.heap - heap)} of heap and external memory; ` +
        `filled in ${fillCpu.toFixed(2)} s of CPU time; a look-up takes ${lookUp.toFixed(0)} ns, SHA-256 and a Map ${map.toFixed(0)} ns, ratio ${(map / lookUp).toFixed(2)}`,
    );
    reportFigure(few === null ? 'lookUpFew' : 'lookUpMany', [map / lookUp]);
    if (few !== null) reportFigure('keyBytes', [(figures.rss - rss) / (size - fewer)]);
    few ??= { ...figures, count: size };
  }
  const { ready, filled } = await measureStart(count);
  console.log(`${count} keys: a gateway is ready after ${ready.text}, and has all in memory after ${filled.text}`);
  reportFigure('ready', [ready.seconds]);
  reportFigure('filled', [filled.seconds]);
} finally {
  await embedded.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function removeKeys(): Promise<void> {
  const client = createPgClient(embedded.connectionString);
  await client.connect();
  await client.query('TRUNCATE "Key", "Organization" CASCADE');
  await client.end();
}

async function measureTable(size: number): Promise<TableFigures> {
  const file = fileURLToPath(new URL('table/fill.ts', import.meta.url));
  const child = fork(file, [embedded.connectionString, String(size)], { execArgv: ['--expose-gc'] });
  const [figures] = (await once(child, 'message')) as [TableFigures];
  return figures;
}

interface Elapsed {
  readonly seconds: number;
  readonly text: string;
}

/** Starts a gateway; returns the times until it is ready and until it has all keys in memory. */
async function measureStart(keys: number): Promise<{ readonly ready: Elapsed; readonly filled: Elapsed }> {
  const port = 20_000 + (process.pid % 20_000);
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--disable-warning=DeprecationWarning', main], {
    env: {
      PATH: process.env['PATH'],
      PORT: String(port),
      DATABASE_URL: embedded.connectionString,
      KEYTIDE_DATA_DIR: join(folder, 'node-0'),
      KEYTIDE_SEALING_KEY: sealingKey,
      KEYTIDE_VERIFICATION_KEYS: String(count + 1_000),
      KEYTIDE_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    const elapsed = async (isDone: (url: string) => Promise<boolean>) => {
      for (;;) {
        const elapsedMs = performance.now() - startedAt;
        if (await isDone(`http://127.0.0.1:${port}`).catch(() => false)) return describe(elapsedMs, child.pid ?? 0);
        if (elapsedMs > LIMIT_MS || child.exitCode !== null) throw new Error('the gateway has not loaded all keys');
        await pause(POLL_MS);
      }
    };
    const ready = await elapsed(async (url) => (await fetch(`${url}/readyz`)).ok);
    const filled = await elapsed(async (url) => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return Number(/^keytide_verification_keys (\d+)/m.exec(text)?.[1]) >= keys;
    });
    return { ready, filled };
  } finally {
    child.kill('SIGKILL');
  }
}

/** Returns a time, and the CPU time that a process has used, of user and kernel. */
function describe(elapsedMs: number, pid: number): Elapsed {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const cpu = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  const seconds = elapsedMs / 1000;
  return { seconds, text: `${seconds.toFixed(1)} s (${cpu.toFixed(1)} s of its CPU time)` };
}
