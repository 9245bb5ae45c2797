import { expect, onTestFinished, test } from 'vitest';
import { Listener } from '../../src/log/listener.ts';
import { openStore } from '../../src/store/prisma.ts';
import { openCore } from '../support/core.ts';
import { openLine } from '../support/database-line.ts';
import { silent } from '../support/embedded-process.ts';

test('listener: a silently lost connection is detected by its heartbeat and replaced', async () => {
  const core = await openCore();
  const line = await openLine(core.database);
  const store = openStore(line.database, { poolSize: 1, log: silent });
  onTestFinished(() => store.close());
  const failures: unknown[] = [];
  let notifiedCount = 0;
  const listener = new Listener({
    clock: core.clock,
    channel: 'somewhere',
    heartbeatMs: 500,
    connect: async () => {
      const client = store.openClient();
      await client.connect();
      return client;
    },
    onNotification: () => (notifiedCount += 1),
    onFailure: (error) => failures.push(error),
  });
  onTestFinished(() => listener.stop());
  await listener.start();
  await core.prisma.$executeRaw`SELECT pg_notify('somewhere', '1')`;
  await expect.poll(() => notifiedCount).toBe(1);

  line.swallow();
  await core.prisma.$executeRaw`SELECT pg_notify('somewhere', '2')`;
  await expect.poll(() => failures.length).toBe(1);
  expect(String(failures[0])).toContain('missed a heartbeat');
  expect(notifiedCount).toBe(1);
  core.clock.advance(500);
  // Once for what may have been missed, and then for what comes.
  await expect.poll(() => notifiedCount).toBe(2);
  await core.prisma.$executeRaw`SELECT pg_notify('somewhere', '3')`;
  await expect.poll(() => notifiedCount).toBe(3);
  expect(failures).toHaveLength(1);
});

test('listener: a responsive connection is not replaced', async () => {
  const core = await openCore();
  const failures: unknown[] = [];
  const client = core.store.openClient();
  let beatCount = 0;
  const listener = new Listener({
    clock: core.clock,
    channel: 'somewhere',
    // Long beside an answer on a busy machine: one that takes longer counts as none.
    heartbeatMs: 250,
    connect: async () => {
      await client.connect();
      const query = client.query.bind(client) as (text: string) => Promise<unknown>;
      client.query = ((text: string) => {
        if (text === 'SELECT 1') beatCount += 1;
        return query(text);
      }) as typeof client.query;
      return client;
    },
    onNotification: () => undefined,
    onFailure: (error) => failures.push(error),
  });
  await listener.start();
  await expect.poll(() => beatCount).toBeGreaterThan(3);
  expect(failures).toEqual([]);
  await listener.stop();
  const last = beatCount;
  await core.prisma.$queryRaw`SELECT pg_sleep(0.3)::text`;
  expect(beatCount).toBe(last);
});
