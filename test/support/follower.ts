import { expect, onTestFinished } from 'vitest';
import type { EventQuery } from '../../src/log/event-query.ts';
import { Follower } from '../../src/log/follower.ts';
import type { OpenCore } from './core.ts';

/** All that there is in the log. */
export const allEvents: EventQuery = {
  caller: {
    kind: 'ACCOUNT',
    id: 'account_all',
    name: 'All',
    sessionId: 'session',
    isAdministrator: true,
    roles: new Map(),
  },
  filter: {},
};

/** A follower at work, and what it has reported. */
export interface OpenFollower {
  readonly follower: Follower;
  readonly failures: unknown[];
}

/** Starts a follower of its own on a real database; it stops with the test, which fails if it reported anything unexpected. */
export async function openFollower(
  core: OpenCore,
  options: { mayFail?: boolean; readTimeoutMs?: number } = {},
): Promise<OpenFollower> {
  const { mayFail = false, ...limits } = options;
  const failures: unknown[] = [];
  const connect = async () => {
    const client = core.store.openClient();
    await client.connect();
    return client;
  };
  const follower = new Follower(core, { connect, onFailure: (error) => failures.push(error), ...limits });
  await follower.start();
  onTestFinished(async () => {
    await follower.stop();
    if (!mayFail) expect(failures).toEqual([]);
  });
  return { follower, failures };
}

/** How many connections listen to the log of a core's database. */
export async function countListeners({ prisma }: Pick<OpenCore, 'prisma'>): Promise<number> {
  const [row] = await prisma.$queryRaw<[{ count: bigint }]>`
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`;
  return Number(row.count);
}

/** Cuts the connections that listen, as a database that restarts or a network would. */
export async function cutListeners({ prisma }: Pick<OpenCore, 'prisma'>): Promise<void> {
  await prisma.$queryRaw`
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE 'LISTEN%'`;
}
