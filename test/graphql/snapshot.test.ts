import { Kind, parse, type FieldNode, type FragmentDefinitionNode } from 'graphql';
import { expect, test, vi } from 'vitest';
import { systemActor } from '../../src/domain/event.ts';
import { useSnapshot } from '../../src/graphql/snapshot.ts';
import { change } from '../../src/log/change.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { awayError, openInterceptedStore } from '../support/intercepted-store.ts';
import { mutate, issue } from '../support/issue.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { subscribe } from '../support/subscriber.ts';
import { untypedDraft } from '../support/untyped-draft.ts';

const EVENTS = 'subscription($after: Cursor) { events(after: $after) { type data } }';

/**
 * Changes a key, and commits in the middle of a query: the query has read what comes first in it, and waits for a table
 * that the change has locked.
 */
async function askAround<Answer>(
  gateway: Gateway,
  { table, keyId }: { table: 'LogHead' | 'Key'; keyId: string },
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const locked = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const changed = change(gateway.services, async ({ tx, record, now }) => {
    await tx.$executeRawUnsafe(`LOCK TABLE "${table}" IN ACCESS EXCLUSIVE MODE`);
    locked.resolve();
    await asked.promise;
    await tx.key.update({ where: { id: keyId }, data: { name: 'changed' } });
    record(untypedDraft({ type: 'KEY_UPDATED', at: now(), keyId, actor: systemActor, data: { to: 'changed' } }));
  });
  await locked.promise;
  const answer = ask();
  await expect
    .poll(async () => {
      const [row] = await gateway.prisma.$queryRaw<[{ count: bigint }]>`
        SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = ${`"${table}"`}::regclass`;
      return Number(row.count);
    })
    .toBe(1);
  asked.resolve();
  await changed;
  return answer;
}

test.for([
  ['before the cursor is read', 'query($id: ID!) { key(id: $id) { name } logCursor }', 'LogHead'],
  [
    'in a list, before the cursor is read',
    'query { keys(first: 10) { edges { node { name } } } logCursor }',
    'LogHead',
  ],
  [
    'by a node, with the cursor in a fragment',
    'query($id: ID!) { node(id: $id) { ... on Key { name } } ...Log } fragment Log on Query { ... { at: logCursor } }',
    'LogHead',
  ],
  ['after the cursor was read', 'query($id: ID!) { logCursor key(id: $id) { name } }', 'Key'],
] as const)(
  'snapshot: of a change that commits in the middle of a query, %s, the query and what follows from its cursor tell once',
  async ([, query, table]) => {
    const gateway = await openGateway();
    const admin = await gateway.admin();
    const { id } = await issue(gateway, admin, { name: 'as issued' });
    const ask = () => gateway.ask(query, query.includes('$id') ? { id } : {}, admin);
    const { data } = await askAround(gateway, { table, keyId: id }, ask);
    const key = data['key'] ?? data['node'] ?? data['keys'].edges[0].node;
    const reader = subscribe(gateway.socket(admin), EVENTS, { after: data['logCursor'] ?? data['at'] });
    const mark = await issue(gateway, admin);
    await mutate(gateway, admin, 'revokeKey', { keyId: mark.id, reason: 'a mark' });
    await reader.until((items) => items.some(({ type }) => type === 'KEY_REVOKED'));
    const told = reader.items().filter(({ type }) => type === 'KEY_UPDATED');
    expect([key.name, told.length]).toEqual(['as issued', 1]);
  },
);

test('snapshot: a query over a socket reads one snapshot too', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const { id } = await issue(gateway, admin, { name: 'as issued' });
  const raw = await openRawSocket(gateway, admin);
  const query = 'query($id: ID!) { key(id: $id) { name } logCursor }';
  const { payload } = await askAround(gateway, { table: 'LogHead', keyId: id }, async () => {
    raw.send({ type: 'subscribe', id: '1', payload: { query, variables: { id } } });
    return raw.next();
  });
  expect(payload.data.key.name).toBe('as issued');
  const reader = subscribe(gateway.socket(admin), EVENTS, { after: payload.data.logCursor });
  await reader.until((items) => items.length === 1);
  expect(reader.items()).toEqual([{ type: 'KEY_UPDATED', data: { to: 'changed' } }]);
});

test('snapshot: only a query with logCursor holds a snapshot, and no longer than it runs', async () => {
  const near = await openGateway();
  const store = openInterceptedStore(near.database);
  const far = await openGateway({ database: near.database, clock: near.clock, store });
  const admin = await near.admin();
  const { id } = await issue(near, admin);
  const inTransaction = async () => {
    const [row] = await near.prisma.$queryRaw<[{ count: bigint }]>`
      SELECT count(*) FROM pg_stat_activity
      WHERE datname = current_database() AND state LIKE 'idle in transaction%'`;
    return Number(row.count);
  };
  for (const [query, count] of [
    ['query($id: ID!) { key(id: $id) { name } }', 0],
    ['query($id: ID!) { key(id: $id) { name } logCursor }', 1],
  ] as const) {
    const held = store.hold('Key.findUnique');
    const asked = far.ask(query, { id }, admin);
    await held.reached;
    expect(await inTransaction()).toBe(count);
    held.release();
    expect((await asked).data['key'].name).toBe('release');
    await expect.poll(inTransaction).toBe(0);
  }
});

test('snapshot: while the database is away a query with logCursor is UNAVAILABLE, and afterwards it works again', async () => {
  const near = await openGateway();
  const store = openInterceptedStore(near.database);
  const far = await openGateway({ database: near.database, clock: near.clock, store });
  const admin = await near.admin();
  const query = '{ viewer { __typename } logCursor }';
  const back = store.intercept('LogHead.findUniqueOrThrow', async () => {
    throw awayError();
  });
  const { status, errors } = await far.ask(query, {}, admin);
  expect([status, errors?.[0]?.extensions['code']]).toEqual([503, 'UNAVAILABLE']);
  back();
  expect((await far.ask(query, {}, admin)).data['logCursor']).toMatch(/^[\w-]+$/);
});

test('snapshot: each fragment is visited once, however often it is spread', () => {
  const levels = Array.from(
    { length: 15 },
    (_, level) => `fragment F${level} on Query { ...F${level + 1} ...F${level + 1} }`,
  );
  const document = parse(`{ ...F0 } ${levels.join(' ')} fragment F15 on Query { field }`);
  const last = document.definitions.at(-1) as FragmentDefinitionNode;
  const [field] = last.selectionSet.selections as [FieldNode];
  let lookCount = 0;
  Object.defineProperty(field, 'name', {
    get() {
      lookCount += 1;
      return { kind: Kind.NAME, value: 'viewer' };
    },
  });
  const setExecuteFn = vi.fn();
  void useSnapshot().onExecute?.({ args: { document }, setExecuteFn } as any);
  expect(lookCount).toBe(1);
  expect(setExecuteFn).not.toHaveBeenCalled();
});
