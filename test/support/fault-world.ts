import type { Client } from 'pg';
import { expect, onTestFinished } from 'vitest';
import { TrustedProxies } from '../../src/http/client-address.ts';
import { createPgClient } from '../../src/store/connection.ts';
import { dumpTables } from './dump-tables.ts';
import { openGateway, type Answer, type Gateway } from './gateway.ts';
import { expectInvariants } from './invariants.ts';
import type { MutationCase, PreparedMutation } from './mutation-cases.ts';
import { MutationWorld } from './mutation-world.ts';

/** A node that does nothing by itself, and a look at its database from beside it. */
export interface FaultWorld {
  readonly gateway: Gateway;
  readonly world: MutationWorld;
  readonly database: Client;
  /** Each from another address, so that no number of sign-ins is too many. */
  ask(prepared: PreparedMutation): Promise<Answer>;
  /** The same; throws the code of what stopped it. */
  succeed(prepared: PreparedMutation): Promise<void>;
  /** A case prepared, under an idempotency key where it takes one. */
  prepare(one: MutationCase, idempotencyKey: string): Promise<PreparedMutation>;
  /** The position of the newest event. */
  head(): Promise<string>;
  /** The types of the events after a position. */
  eventsAfter(position: string): Promise<string[]>;
  /** All rows, but for who of the nodes is there, which they say when they start. */
  dump(): Promise<Record<string, string[]>>;
  /** Resolves when the server has noticed that a connection is gone, and has ended what it had begun. */
  waitUntilDisconnected(connection: Client | null): Promise<void>;
  /** The change is there, told once since a position, and the request repeated gives one answer for ever. */
  expectOneChange(prepared: PreparedMutation, one: MutationCase, position: string): Promise<void>;
}

export async function openFaultWorld(): Promise<FaultWorld> {
  const gateway = await openGateway({
    proxies: new TrustedProxies([{ address: '127.0.0.1', prefix: 32, family: 'ipv4' }]),
    isClockTrusted: () => false,
  });
  const world = new MutationWorld(gateway);
  const database = createPgClient(gateway.database);
  await database.connect();
  onTestFinished(() => database.end());
  let askedCount = 0;

  const faultWorld: FaultWorld = {
    gateway,
    world,
    database,
    ask({ query, variables, credential }) {
      askedCount += 1;
      return gateway.ask(query, variables, credential, { 'X-Forwarded-For': `198.51.100.${askedCount % 250}` });
    },
    async succeed(prepared) {
      const { data, errors } = await faultWorld.ask(prepared);
      if (errors !== undefined) throw new Error(errors[0]?.extensions['code']);
      expect(Object.values(data)[0]).not.toMatchObject({ code: expect.any(String) });
    },
    async prepare(one, idempotencyKey) {
      const prepared = await one.prepare(world);
      if (one.isRepeatable) return prepared;
      return { ...prepared, variables: { input: { ...prepared.variables.input, idempotencyKey } } };
    },
    async head() {
      return (await database.query('SELECT position::text FROM "LogHead"')).rows[0].position;
    },
    async eventsAfter(position) {
      const statement = 'SELECT type FROM "Event" WHERE position > $1 ORDER BY position';
      return (await database.query(statement, [position])).rows.map(({ type }) => type);
    },
    async dump() {
      const { Node: _nodes, ...tables } = await dumpTables(database);
      return tables;
    },
    async waitUntilDisconnected(connection) {
      const id = (connection as unknown as { processID: number } | null)?.processID ?? 0;
      while ((await database.query('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [id])).rowCount !== 0) {
        await database.query('SELECT pg_stat_clear_snapshot()');
      }
    },
    async expectOneChange(prepared, { events, isRepeatable = false }, position) {
      if (!isRepeatable) {
        const repeated = await faultWorld.ask(prepared);
        expect(repeated.errors).toBeUndefined();
        expect(Object.values(repeated.data)[0]).toMatchObject({ __typename: expect.stringMatching(/Success$/) });
        expect((await faultWorld.ask(prepared)).data).toEqual(repeated.data);
      }
      expect(await faultWorld.eventsAfter(position)).toEqual(events);
      await expectInvariants(database);
    },
  };
  return faultWorld;
}
