/**
 * Measures the cost of sending events to many subscribers: npm run bench:fan-out [-- <subscribers> [<idle>]]
 *
 * Three processes: a gateway on an embedded PostgreSQL, a bare `ws` server that sends the same bytes to each of its
 * clients, and the clients of both (default 1,000), which are equal graphql-transport-ws subscriptions. Prints how many
 * messages each server sent per second of its own processor time at full speed, and the latency of an event at a pace
 * that leaves both servers idle between events. The results are the ratios. The gateway's latency includes the commit
 * of the event and its read from the database; processor time of PostgreSQL is not counted. Then opens idle subscribers
 * (default 10,000) and prints the memory of the gateway. Linux only: it reads /proc.
 */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemActor } from '../src/domain/event.ts';
import type { EventDraft } from '../src/domain/event-detail.ts';
import { change } from '../src/log/change.ts';
import { readProcessUse } from '../src/policies/runtime/process-use.ts';
import { startEmbedded } from '../src/store/embedded.ts';
import { openStore } from '../src/store/prisma.ts';
import { systemRandom } from '../src/store/random.ts';
import { Sealer } from '../src/store/sealing.ts';
import type { ClientOptions, Arrivals } from './fan-out/clients.ts';

const count = Number(process.argv[2] ?? 1_000);
const idleCount = Number(process.argv[3] ?? 10_000);

/** At full speed: number of changes, and number of events in each. */
const BURSTS = 20;
const BURST = 20;
/** At a pace: number of events, and the interval between them. */
const PACED = 100;
const PACE_MS = 50;

const EVENTS = 'subscription { events { id cursor type at recordedAt actor { kind name } reason data } }';
const PASSWORD = randomBytes(12).toString('hex');
const PORT = 4_790;
/** Limit for sockets and subscriptions: all clients are of one account and one address. */
const MANY = '1000000';

const log = { info() {}, warn: (message: string) => process.stderr.write(`${message}\n`) };
const folder = mkdtempSync(join(tmpdir(), 'keytide-bench-'));
const embedded = await startEmbedded({ folder: join(folder, 'database'), fsync: false, log });
const started: ChildProcess[] = [];
try {
  const gateway = await startGateway();
  const token = await signIn();
  const store = openStore(embedded.connectionString, { poolSize: 2, log });
  const clock = { now: () => new Date(), after: () => () => undefined };
  const core = {
    prisma: store.prisma,
    clock,
    random: systemRandom,
    sealer: new Sealer(new Uint8Array(32), systemRandom),
  };
  const realmId = (await store.prisma.realm.findFirstOrThrow()).id;
  const tell = (events: number) =>
    change(core, async ({ record }) => {
      const draft = {
        type: 'REALM_UPDATED',
        at: clock.now(),
        realmId,
        actor: systemActor,
        reason: 'A bench.',
      } as const;
      for (let index = 0; index < events; index += 1)
        record({ ...draft, data: { sentAt: Date.now(), pad: 'x'.repeat(200) } } as unknown as EventDraft);
    });

  const ours = await openClients({ url: `ws://127.0.0.1:${PORT}/graphql`, count, token, query: EVENTS });
  await tell(1);
  const { sample } = await ours.arrivals(1);
  const bare = run('./fan-out/bare.ts', []);
  const [barePort] = (await once(bare, 'message')) as [number];
  const theirs = await openClients({ url: `ws://127.0.0.1:${barePort}`, count, token: null, query: null });
  const send = async (events: number) => void bare.send({ text: sample, events });

  const results = [
    { name: 'keytide', pid: gateway.pid, clients: ours, make: tell },
    { name: 'bare ws', pid: bare.pid, clients: theirs, make: send },
  ];
  const speeds = new Map<string, number[]>();
  const latencies = new Map<string, number>();
  for (let round = 0; round < 3; round += 1) {
    for (const { name, pid, clients, make } of results) {
      const before = useOf(pid).busyMs;
      for (let burst = 0; burst < BURSTS; burst += 1) {
        await make(BURST);
        await clients.arrivals(BURST);
      }
      const busyMs = useOf(pid).busyMs - before;
      speeds.set(name, [...(speeds.get(name) ?? []), (BURSTS * BURST * count) / busyMs]);
    }
  }
  for (const { name, clients, make } of results) {
    const arrivals: number[] = [];
    for (let index = 0; index < PACED; index += 1) {
      await Promise.all([make(1), new Promise((resolve) => void setTimeout(resolve, PACE_MS))]);
      arrivals.push(...(await clients.arrivals(1)).latenciesMs);
    }
    latencies.set(name, arrivals.toSorted((a, b) => a - b)[Math.floor(arrivals.length * 0.99)] ?? NaN);
  }
  const speed = (name: string) => (speeds.get(name) ?? []).toSorted((a, b) => a - b)[1] ?? NaN;
  for (const { name } of results) {
    process.stdout.write(
      `${name}: ${Math.round(speed(name) * 1000)} messages per second of processor time, paced p99 ${latencies.get(name)} ms\n`,
    );
  }
  const speedRatio = speed('keytide') / speed('bare ws');
  const latency = (name: string) => latencies.get(name) ?? NaN;
  const latencyRatio = latency('keytide') / latency('bare ws');
  process.stdout.write(`ratios: ${speedRatio.toFixed(2)} of its messages, ${latencyRatio.toFixed(2)} times its p99\n`);
  await ours.close();
  await theirs.close();

  const idle = await openClients({ url: `ws://127.0.0.1:${PORT}/graphql`, count: idleCount, token, query: EVENTS });
  await tell(1);
  await idle.arrivals(1);
  const { memoryBytes } = useOf(gateway.pid);
  process.stdout.write(`${idleCount} idle subscribers: the gateway holds ${Math.round(memoryBytes / 2 ** 20)} MiB\n`);
  await idle.close();
  await store.close();
} finally {
  for (const child of started) child.kill('SIGKILL');
  await embedded.stop();
  rmSync(folder, { recursive: true, force: true });
}

function useOf(pid: number | undefined) {
  const use = pid === undefined ? null : readProcessUse(pid);
  if (use === null) throw new Error('the resource use of a process is not available on this system');
  return use;
}

function run(file: string, args: string[]): ChildProcess {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args);
  started.push(child);
  return child;
}

async function startGateway(): Promise<ChildProcess> {
  const main = fileURLToPath(new URL('../src/entry/serve.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=DeprecationWarning', main], {
    env: {
      PATH: process.env['PATH'],
      PORT: String(PORT),
      DATABASE_URL: embedded.connectionString,
      KEYTIDE_DATA_DIR: join(folder, 'gateway'),
      KEYTIDE_SEALING_KEY: randomBytes(32).toString('base64'),
      KEYTIDE_ADMIN_EMAIL: 'admin@example.com',
      KEYTIDE_ADMIN_PASSWORD: PASSWORD,
      KEYTIDE_SOCKETS_PER_ADDRESS: MANY,
      KEYTIDE_SOCKETS_PER_CALLER: MANY,
      KEYTIDE_SUBSCRIPTIONS_PER_ADDRESS: MANY,
      KEYTIDE_SUBSCRIPTIONS_PER_CALLER: MANY,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  started.push(child);
  for (;;) {
    if (child.exitCode !== null) throw new Error('the gateway has ended');
    const answer = await fetch(`http://127.0.0.1:${PORT}/readyz`).catch(() => null);
    if (answer?.ok) return child;
    await new Promise((resolve) => void setTimeout(resolve, 100));
  }
}

async function signIn(): Promise<string> {
  const query = `mutation { signIn(input: { email: "admin@example.com", password: "${PASSWORD}" }) { ... on SignInSuccess { token } } }`;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${PORT}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    const { data } = (await answer.json()) as { data?: { signIn?: { token?: string } } };
    if (data?.signIn?.token !== undefined) return data.signIn.token;
    // The gateway is ready before its first administrator exists.
    await new Promise((resolve) => void setTimeout(resolve, 100));
  }
}

/** Starts a process with many clients, each with one subscription. */
async function openClients(ask: ClientOptions) {
  const child = run('./fan-out/clients.ts', [JSON.stringify(ask)]);
  await once(child, 'message');
  // A subscribed client may not wait for the next event yet.
  await new Promise((resolve) => void setTimeout(resolve, 1_000));
  return {
    /** Resolves when every client has received this many more messages. */
    async arrivals(events: number): Promise<Arrivals> {
      child.send(events);
      const [arrivals] = (await once(child, 'message')) as [Arrivals];
      return arrivals;
    },
    async close() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
