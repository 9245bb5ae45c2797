import { hash, randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { createPgClient } from '../../src/store/connection.ts';
import { emptyDatabase } from '../support/database.ts';
import { askAt, startGateway } from '../support/gateway-process.ts';
import { expectInvariants } from '../support/invariants.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { seededDraw } from '../support/seeded-random.ts';
import { type AcknowledgedWrite, sendTo, Writer } from '../support/writer.ts';

const KILLS = process.env['KEYTIDE_TEST_LONG'] ? 200 : 3;
const WRITERS = 4;
const SEED = 20_261_123;
const password = 'a good long password';

test(
  `crash: after ${KILLS} kills in a stream of writes every acknowledged change is there once, and repeats with its secret`,
  {
    timeout: KILLS * 40_000,
  },
  async () => {
    const settings = {
      DATABASE_URL: await emptyDatabase(),
      KEYTIDE_SEALING_KEY: randomBytes(32).toString('base64'),
      KEYTIDE_ADMIN_PASSWORD: password,
      KEYTIDE_LOG_LEVEL: 'error',
    };
    const folder = scratchFolder();
    const draw = seededDraw(SEED);
    let node = await startGateway(folder, settings);
    const signIn = 'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignInSuccess { token } } }';
    const signedIn = await askAt(node.url, signIn, { input: { email: 'admin@localhost', password } });
    const { token } = signedIn.data['signIn'];

    // Writers send to whichever node is alive; a dead one is found out by a request that is lost.
    const writers = Array.from({ length: WRITERS }, (_, index) => {
      return new Writer(`writer ${index}`, seededDraw(SEED + index), token, async () => node);
    });
    const writtenCount = () => writers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
    const over = new AbortController();
    let killAt = Number.POSITIVE_INFINITY;
    let reached = Promise.withResolvers<void>();
    const streams = writers.map(async (writer) => {
      while (!over.signal.aborted) {
        await writer.write();
        if (writtenCount() >= killAt) reached.resolve();
      }
    });
    for (let kill = 0; kill < KILLS; kill += 1) {
      const next = await startGateway(folder, settings);
      reached = Promise.withResolvers();
      killAt = writtenCount() + 1 + draw.below(15);
      await reached.promise;
      // In the middle of what the other writers have sent: three requests are under way.
      const killed = node;
      const gone = killed.end('SIGKILL');
      node = next;
      expect(await gone).toEqual({ status: null, signal: 'SIGKILL' });
      expect(killed.written().stderr).toBe('');
    }
    over.abort();
    await Promise.all(streams);

    const all = writers.flatMap((writer) => writer.acknowledged);
    const lost = all.filter(({ lostCount }) => lostCount > 0);
    expect(lost.length).toBeGreaterThanOrEqual(KILLS);
    // A request that was lost and sent again gives the answer that it gave: the same key, and the same secret.
    for (const one of [...lost, ...draw.shuffle(all).slice(0, 50)]) {
      const selection = one.secret === null ? 'key { id }' : 'key { id } secret';
      const repeated = await sendTo(node, one, token, selection);
      expect(repeated, JSON.stringify(one)).toEqual({ keyId: one.keyId, secret: one.secret });
    }
    await expectWritten(settings.DATABASE_URL, all);
  },
);

/** Everything that was acknowledged is in the database, with its one event, and nothing else is. */
async function expectWritten(connectionString: string, all: readonly AcknowledgedWrite[]): Promise<void> {
  const database = createPgClient(connectionString);
  await database.connect();
  onTestFinished(() => database.end());
  const events = await database.query<{ line: string }>(
    `SELECT "keyId" || ' ' || type AS line FROM "Event" WHERE "keyId" IS NOT NULL ORDER BY 1`,
  );
  expect(events.rows.map(({ line }) => line)).toEqual(all.map(({ keyId, event }) => `${keyId} ${event}`).sort());
  const digests = await database.query<{ digest: string }>(`SELECT encode(digest, 'hex') AS digest FROM "Secret"`);
  const secrets = all.flatMap(({ secret }) => secret ?? []);
  expect(digests.rows.map(({ digest }) => digest).sort()).toEqual(secrets.map((text) => hash('sha256', text)).sort());
  await expectInvariants(database);
}
