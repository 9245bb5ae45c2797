import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { systemActor } from '../../src/domain/event.ts';
import { change } from '../../src/log/change.ts';
import { readProcessUse } from '../../src/policies/runtime/process-use.ts';
import { openStore } from '../../src/store/prisma.ts';
import { systemRandom } from '../../src/store/random.ts';
import { Sealer } from '../../src/store/sealing.ts';
import { ManualClock } from '../support/clock.ts';
import { emptyDatabase } from '../support/database.ts';
import { silent } from '../support/embedded-process.ts';
import { askAt, startGateway } from '../support/gateway-process.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { serverEvents } from '../support/server-events.ts';
import { untypedDraft } from '../support/untyped-draft.ts';

const QUERY = 'subscription ($after: Cursor) { events(after: $after) { data } }';
const READERS = 10;
const COUNT = 5_000;
const BATCH = 50;
/** With its frame an event has somewhat more than that, in bytes. */
const SIZE = 4_000;
const MIB = 1024 * 1024;

/** Starts a gateway in its own process, and returns it with a function that records events directly in its database. */
async function startGatewayProcess() {
  const database = await emptyDatabase();
  const password = 'a good long password';
  const gateway = await startGateway(scratchFolder(), {
    DATABASE_URL: database,
    KEYTIDE_SEALING_KEY: randomBytes(32).toString('base64'),
    KEYTIDE_ADMIN_PASSWORD: password,
  });
  const signIn = 'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignInSuccess { token } } }';
  const { data } = await askAt(gateway.url, signIn, { input: { email: 'admin@localhost', password } });
  const store = openStore(database, { poolSize: 2, log: silent });
  onTestFinished(() => store.close());
  const clock = new ManualClock(new Date(await store.readDatabaseTime()));
  const core = {
    prisma: store.prisma,
    clock,
    random: systemRandom,
    sealer: new Sealer(new Uint8Array(32), systemRandom),
  };
  const pad = 'x'.repeat(SIZE);
  const recordEvents = async (first: number, count: number) => {
    for (let start = first; start < first + count; start += BATCH) {
      await change(core, async ({ record }) =>
        record(
          ...Array.from({ length: BATCH }, (_, index) =>
            untypedDraft({
              type: 'KEY_UPDATED',
              at: clock.now(),
              actor: systemActor,
              data: { number: start + index, pad },
            }),
          ),
        ),
      );
    }
  };
  return { gateway, token: data['signIn'].token as string, recordEvents };
}

/** Asks for a stream, and reads nothing of it. */
async function openUnread(url: string, token: string, after: string): Promise<IncomingMessage> {
  const headers = {
    Accept: 'text/event-stream',
    'Content-Type': 'application/json',
    Authorization: `Bearer ${token}`,
  };
  const asked = request(`${url}/graphql`, { method: 'POST', headers, agent: false });
  onTestFinished(() => void asked.destroy());
  asked.on('error', () => undefined);
  asked.end(JSON.stringify({ query: QUERY, variables: { after } }));
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response;
}

test(
  'slow readers: ten sockets and ten streams that are not read take no memory, delay no other, and lose no event',
  { timeout: 180_000 },
  async () => {
    const { gateway, token, recordEvents } = await startGatewayProcess();
    const { data } = await askAt(gateway.url, '{ logCursor }', {}, token);
    const after = data['logCursor'] as string;
    const quick = serverEvents(gateway, token, { query: QUERY, variables: { after } });
    const reached = (number: number) =>
      quick.until(() => quick.blocks.at(-1)?.data.data?.events.data.number === number);
    const memory = () => readProcessUse(gateway.id)!.memoryBytes;

    // Warm-up: the memory that a node uses after many events.
    await recordEvents(1, COUNT);
    await reached(COUNT);
    const before = memory();

    const start = quick.blocks.at(-1)!.id!;
    const streams: IncomingMessage[] = [];
    for (let count = 0; count < READERS; count += 1) {
      const raw = await openRawSocket(gateway, token);
      raw.send({ type: 'subscribe', id: '1', payload: { query: QUERY, variables: { after: start } } });
      raw.socket.pause();
      streams.push(await openUnread(gateway.url, token, start));
    }
    await recordEvents(COUNT + 1, COUNT);
    await reached(2 * COUNT);
    // Kept for each of them it would be 400 MB.
    expect((memory() - before) / MIB).toBeLessThan(150);

    const numbers: number[] = [];
    let text = '';
    for await (const piece of streams[0]!) {
      const blocks = (text + String(piece)).split('\n\n');
      text = blocks.pop() ?? '';
      numbers.push(...blocks.flatMap((block) => /"number":(\d+)/.exec(block)?.slice(1).map(Number) ?? []));
      if (numbers.at(-1) === 2 * COUNT) break;
    }
    expect(numbers).toEqual(Array.from({ length: COUNT }, (_, index) => COUNT + 1 + index));
  },
);
