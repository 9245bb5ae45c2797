import { expect, test } from 'vitest';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { openInterceptedStore } from '../support/intercepted-store.ts';
import { issue, logCursor, recordManyEvents, recordNumberedEvents } from '../support/issue.ts';
import { subscribe } from '../support/subscriber.ts';

const EVENTS = 'subscription($after: Cursor) { events(after: $after) { cursor data } }';

const PAGE = `query ($first: Int, $after: Cursor, $last: Int, $before: Cursor) {
  events(first: $first, after: $after, last: $last, before: $before) { edges { node { data } } }
}`;

const cursorAt = (position: number | bigint) => Buffer.from(`1:${position}`).toString('base64url');

/** Lets the log begin at a position, as its retention does. */
async function forgetBefore({ prisma }: Gateway, oldest: bigint): Promise<void> {
  await prisma.logHead.updateMany({ data: { oldest } });
}

test('cursors: a cursor before the retained log is refused with the oldest cursor, from which nothing is missing', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const after = await logCursor(gateway, admin);
  for (let number = 1; number <= 3; number += 1) await recordNumberedEvents(gateway, {}, number);
  const { position: head } = await gateway.prisma.logHead.findFirstOrThrow();
  await forgetBefore(gateway, head - 1n);
  const client = gateway.socket(admin);
  const refused = subscribe(client, EVENTS, { after });
  await refused.ended;
  const { extensions } = refused.results[0]!.errors![0]!;
  expect([refused.items(), extensions]).toEqual([[], { code: 'CURSOR_EXPIRED', oldest: cursorAt(head - 2n) }]);
  const reader = subscribe(client, EVENTS, { after: extensions['oldest'] });
  await reader.until((items) => items.length === 2);
  expect(reader.items().map(({ data }) => data.number)).toEqual([2, 3]);
});

test('cursors: a reader that retention overtakes gets an error, and never continues past a gap', async () => {
  const near = await openGateway();
  const store = openInterceptedStore(near.database);
  const far = await openGateway({ database: near.database, clock: near.clock, store });
  const admin = await near.admin();
  const after = await logCursor(near, admin);
  await recordManyEvents(near, 2_200, {});
  await far.services.follower.catchUp();
  const page = store.hold('$queryRaw', 'FIRST');
  const reader = subscribe(far.socket(admin), EVENTS, { after });
  await page.reached;
  const oldest = far.services.follower.head - 10n;
  await forgetBefore(near, oldest);
  page.release();
  await reader.ended;
  expect(reader.items()).toEqual([]);
  expect(reader.results.map(({ errors }) => errors?.[0]?.extensions)).toEqual([
    { code: 'CURSOR_EXPIRED', oldest: cursorAt(oldest - 1n) },
  ]);
});

test('cursors: a page of the log is refused as a subscription is, if the log cannot continue from its cursor', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const after = await logCursor(gateway, admin);
  for (let number = 1; number <= 3; number += 1) await recordNumberedEvents(gateway, {}, number);
  const { position: head } = await gateway.prisma.logHead.findFirstOrThrow();
  await forgetBefore(gateway, head - 1n);
  const ask = (page: object) => gateway.ask(PAGE, page, admin);
  const numbersOf = async (page: object) =>
    (await ask(page)).data['events'].edges.map(({ node }: any) => node.data.number);
  for (const size of [{}, { first: 5 }, { last: 5 }]) {
    const { errors } = await ask({ ...size, after });
    expect(errors).toMatchObject([{ extensions: { code: 'CURSOR_EXPIRED', oldest: cursorAt(head - 2n) } }]);
    expect(await numbersOf({ ...size, after: cursorAt(head - 2n) })).toEqual([2, 3]);
    expect(await numbersOf({ ...size, after: cursorAt(head) })).toEqual([]);
    const ahead = await ask({ ...size, after: cursorAt(head + 1n) });
    expect(ahead.errors).toMatchObject([{ extensions: { code: 'CURSOR_AHEAD', newest: cursorAt(head) } }]);
  }
  // A page that ends at a cursor leaves out nothing behind it.
  expect(await numbersOf({ last: 5, before: after })).toEqual([]);
  expect(await numbersOf({ last: 1, before: cursorAt(head + 9n) })).toEqual([3]);
});

test('cursors: a page of the log that retention overtakes is refused', async () => {
  const near = await openGateway();
  const store = openInterceptedStore(near.database);
  const far = await openGateway({ database: near.database, clock: near.clock, store });
  const admin = await near.admin();
  const after = await logCursor(near, admin);
  await recordManyEvents(near, 20, {});
  await far.services.follower.catchUp();
  const oldest = far.services.follower.head - 10n;
  const page = store.hold('$queryRaw Event', 'FIRST');
  const asked = far.ask(PAGE, { first: 5, after }, admin);
  await page.reached;
  await forgetBefore(near, oldest);
  page.release();
  expect((await asked).errors).toMatchObject([
    { extensions: { code: 'CURSOR_EXPIRED', oldest: cursorAt(oldest - 1n) } },
  ]);
});

test('cursors: cursors of a key’s history do not expire; its events are found by id after the log has dropped them', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const key = await issue(gateway, admin);
  const asked =
    'query ($id: ID!) { node(id: $id) { ... on Key { events(first: 1) { edges { node { id cursor type } } } } } }';
  const before = (await gateway.ask(asked, { id: key.id }, admin)).data['node'].events.edges;
  await gateway.prisma.$transaction(async (tx) => {
    await tx.$executeRaw`INSERT INTO "KeyHistory" SELECT * FROM "Event" WHERE "keyId" IS NOT NULL`;
    await tx.$executeRaw`UPDATE "LogHead" SET oldest = position + 1`;
    await tx.$executeRaw`DELETE FROM "Event"`;
  });
  expect((await gateway.ask(asked, { id: key.id }, admin)).data['node'].events.edges).toEqual(before);
  const { id } = before[0].node;
  const found = await gateway.ask('query ($id: ID!) { node(id: $id) { id ... on Event { type } } }', { id }, admin);
  expect(found.data['node']).toEqual({ id, type: 'KEY_ISSUED' });
  const stranger = await gateway.person('max');
  const hidden = await gateway.ask('query ($id: ID!) { node(id: $id) { id } }', { id }, stranger.token);
  expect(hidden.data['node']).toBeNull();
});
