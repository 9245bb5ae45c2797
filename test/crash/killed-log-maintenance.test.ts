import type { Client } from 'pg';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { readBounds } from '../../src/log/head.ts';
import { readKeyHistory } from '../../src/log/key-history.ts';
import { maintainLog } from '../../src/log/maintain-log.ts';
import { openCore, type OpenCore } from '../support/core.ts';
import { connectTo, usePartitionSize, listPartitionsOf, recordEvents, maintainPartitions } from '../support/log.ts';
import { cutConnection } from '../support/statement-faults.ts';

const KEPT_MS = 10 * DAY_MS;
const SIZE = 10;

/** Looks after the log on a connection that is cut at one of its statements. False: it has fewer. */
async function tendCutAt(core: OpenCore, at: number, when: 'BEFORE' | 'SENT'): Promise<boolean> {
  let count = 0;
  const connect = async () => {
    const client = await connectTo(core)();
    const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
    client.query = (async (...args: unknown[]) => {
      count += 1;
      if (count === at && when === 'BEFORE') cutConnection(client);
      const answer = query(...args);
      if (count === at && when === 'SENT') cutConnection(client);
      return answer;
    }) as Client['query'];
    return client;
  };
  const { signal } = new AbortController();
  const tending = maintainLog({
    clock: core.clock,
    connect,
    retentionMs: KEPT_MS,
    signal,
    partitionSize: BigInt(SIZE),
  });
  const failure = await tending.then(
    () => null,
    (error: unknown) => error,
  );
  expect(failure === null, String(failure)).toBe(count < at);
  return count >= at;
}

/** Resolves when nobody is left who looks after the log. */
async function untilForgotten({ prisma }: OpenCore): Promise<void> {
  const held = async () =>
    (
      await prisma.$queryRaw<unknown[]>`
    SELECT 1 AS one FROM pg_locks WHERE locktype = 'advisory'
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
    ).length;
  await expect.poll(held).toBe(0);
}

test.for(['BEFORE', 'SENT'] as const)(
  'crash: log maintenance cut off at any statement (%s it) loses and duplicates nothing, and the next run continues',
  { timeout: 120_000 },
  async (when) => {
    const core = await openCore();
    await usePartitionSize(core, SIZE);
    await maintainPartitions(core, SIZE, null);
    await recordEvents(core, ...Array.from({ length: 35 }, (_, index) => (index % 2 === 0 ? { keyId: 'key_a' } : {})));
    const history = await readKeyHistory(core.prisma, 'key_a', 0n, 100);
    expect(history).toHaveLength(18);
    core.clock.advance(KEPT_MS + DAY_MS);
    let head = 35n;
    for (let round = 0; round < 3; round += 1) {
      for (let at = 1; await tendCutAt(core, at, when); at += 1) {
        await untilForgotten(core);
        expect(await readKeyHistory(core.prisma, 'key_a', 0n, 100)).toEqual(history);
        await recordEvents(core, {});
        head += 1n;
        expect((await readBounds(core)).head).toBe(head);
        core.clock.advance(HOUR_MS);
      }
    }
    expect((await listPartitionsOf(core))[0]).toBe('Event_31 FROM 31 TO 41');
    expect(await core.prisma.keyHistory.count()).toBe(15);
  },
);
