import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { makeManyKeys, type ManyKey } from '../support/many-keys.ts';
import { changeKey } from '../support/operations.ts';
import { openTown } from '../support/town.ts';

const KEYS = /* GraphQL */ `
  query ($first: Int, $after: String, $last: Int, $before: String, $filter: KeyFilter, $orderBy: KeyOrder) {
    keys(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
      edges {
        cursor
        node {
          id
          name
        }
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }
`;

type Page = {
  edges: { cursor: string; node: { id: string; name: string } }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
};

const fields = { CREATED_AT: 'createdAt', STOPS_AT: 'stopsAt', LAST_USED_AT: 'lastUsedAt', NAME: 'name' } as const;
type Field = keyof typeof fields;
type Direction = 'ASC' | 'DESC';
const everyOrder = (Object.keys(fields) as Field[]).flatMap((field) =>
  (['ASC', 'DESC'] as const).map((direction) => ({ field, direction })),
);

test('lists: a page has 20 keys by default and up to 100 on request', async () => {
  const { list, ids } = await openList(130, () => ({}));
  expect((await list({})).edges.map(idOf)).toEqual(ids.toReversed().slice(0, 20));
  expect((await list({ first: 100 })).edges).toHaveLength(100);
  expect((await list({ last: 100 })).edges).toHaveLength(100);
  expect((await list({ last: 3 })).edges.map(idOf)).toEqual(ids.slice(0, 3).toReversed());
  expect(await list({ first: 0 })).toEqual({
    edges: [],
    pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: null, endCursor: null },
  });
});

test('lists: more than 100, a negative size, and first with last are refused, never cut', async () => {
  const { gateway, token } = await openList(1, () => ({}));
  const refused = async (args: object) => (await gateway.ask(KEYS, args, token)).errors?.[0];
  for (const size of [101, 2_147_483_647, -1]) {
    for (const name of ['first', 'last']) {
      expect(await refused({ [name]: size })).toMatchObject({
        message: `${name}: found ${size}; expected 0 to 100.`,
        extensions: { code: 'BAD_USER_INPUT', path: [name] },
        path: ['keys'],
      });
    }
  }
  expect(await refused({ first: 1, last: 1 })).toMatchObject({
    message: 'Found both first and last; expected one of them.',
    extensions: { code: 'BAD_USER_INPUT' },
  });
});

test('lists: pages in both directions make up the whole list, in every order', async () => {
  // Few values for many keys, so that pages end among equals, and many keys without a value.
  const { gateway, token, rows } = await openList(60, (index, now) => ({
    name: ['Ä', 'a', 'B', 'b', 'z', '😀'][index % 6] ?? '',
    createdAt: addMs(now, (index % 7) * DAY_MS),
    stopsAt: index % 3 === 0 ? null : addMs(now, ((index * 5) % 8) * DAY_MS),
    lastUsedAt: index % 4 === 0 ? addMs(now, -(index % 5) * DAY_MS) : null,
  }));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...everyOrder),
      fc.integer({ min: 1, max: 61 }),
      fc.boolean(),
      async (orderBy, size, isForward) => {
        const expected = rows.toSorted(comparing(fields[orderBy.field], orderBy.direction)).map(({ id }) => id);
        const seen: string[] = [];
        for (let at: string | null = null, pages = 0; ; pages += 1) {
          const args = isForward ? { first: size, after: at } : { last: size, before: at };
          const { data } = await gateway.ask(KEYS, { ...args, orderBy }, token);
          const { edges, pageInfo }: Page = data['keys'];
          expect([pageInfo.startCursor, pageInfo.endCursor]).toEqual([edges[0]?.cursor, edges.at(-1)?.cursor]);
          if (isForward) seen.push(...edges.map(idOf));
          else seen.unshift(...edges.map(idOf));
          const { hasNextPage, hasPreviousPage } = pageInfo;
          expect([hasNextPage, hasPreviousPage]).toEqual(
            isForward ? [seen.length < 60, pages > 0] : [pages > 0, seen.length < 60],
          );
          at = (isForward ? hasNextPage : hasPreviousPage)
            ? isForward
              ? pageInfo.endCursor
              : pageInfo.startCursor
            : null;
          if (at === null) break;
        }
        expect(seen).toEqual(expected);
      },
    ),
    {
      numRuns: process.env['KEYTIDE_TEST_LONG'] ? 500 : 40,
      examples: everyOrder.flatMap((order) => [
        [order, 7, true],
        [order, 7, false],
      ]),
    },
  );
});

test('lists: a key that leaves the filter between two pages hides no other key', async () => {
  for (const isForward of [true, false]) {
    const { gateway, token, list, ids } = await openList(30, () => ({}));
    const filter = { states: ['ACTIVE'] };
    const expected = isForward ? ids.toReversed() : ids;
    const first = await list(isForward ? { first: 10, filter } : { last: 10, filter });
    const seen = first.edges.map(idOf);
    const inOrder = isForward ? seen : seen.toReversed();
    expect(inOrder).toEqual(expected.slice(0, 10));
    // The one at which the page ended, one before it and the one after it.
    for (const keyId of [expected[9], expected[4], expected[10]]) {
      await gateway.ask(changeKey('revokeKey'), { input: { keyId, reason: 'it leaked' } }, token);
    }
    const { startCursor, endCursor } = first.pageInfo;
    const rest = await list(
      isForward ? { first: 100, filter, after: endCursor } : { last: 100, filter, before: startCursor },
    );
    const restIds = rest.edges.map(idOf);
    expect(isForward ? restIds : restIds.toReversed()).toEqual(expected.slice(11));
  }
});

test('lists: a key that enters the list between two pages makes none appear twice or not at all', async () => {
  const { gateway, list, ids, realmId } = await openList(20, () => ({}));
  const first = await list({ first: 10 });
  gateway.clock.advance(HOUR_MS);
  const { accountId } = await gateway.prisma.key.findFirstOrThrow();
  await makeManyKeys(gateway.services, realmId, [{ accountId }]);
  const second = await list({ first: 20, after: first.pageInfo.endCursor });
  expect([...first.edges, ...second.edges].map(idOf)).toEqual(ids.toReversed());
});

test('lists: `after` and `before` together return the keys between them', async () => {
  const { list, ids } = await openList(12, () => ({}));
  const expected = ids.toReversed();
  const { edges } = await list({ first: 12 });
  const between = { after: edges[2]?.cursor, before: edges[8]?.cursor };
  expect((await list({ ...between, first: 100 })).edges.map(idOf)).toEqual(expected.slice(3, 8));
  expect((await list({ ...between, first: 2 })).edges.map(idOf)).toEqual(expected.slice(3, 5));
  expect((await list({ ...between, last: 2 })).edges.map(idOf)).toEqual(expected.slice(6, 8));
});

test('lists: a malformed cursor, or one of another list or order, is refused', async () => {
  const { gateway, token, list } = await openList(3, () => ({}));
  const cursor = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
  const { id } = await gateway.prisma.key.findFirstOrThrow();
  const instant = gateway.clock.now().toISOString();
  const newest = { field: 'CREATED_AT', direction: 'DESC' };
  const byName = { field: 'NAME', direction: 'ASC' };
  const byStop = { field: 'STOPS_AT', direction: 'ASC' };
  const good = (await list({ first: 1 })).edges[0]?.cursor;
  const refused: [object, unknown][] = [
    [newest, 'nonsense'],
    [newest, ''],
    [newest, '😀'],
    [newest, id],
    [newest, cursor()],
    [newest, cursor('createdAt', 'DESC', instant)],
    [newest, cursor('createdAt', 'ASC', instant, id)],
    [newest, cursor('stopsAt', 'DESC', instant, id)],
    [newest, cursor('createdAt', 'DESC', null, id)],
    [newest, cursor('createdAt', 'DESC', 5, id)],
    [newest, cursor('createdAt', 'DESC', '2026', id)],
    [newest, cursor('createdAt', 'DESC', '+275760-09-13T00:00:00.000Z', id)],
    [newest, cursor('createdAt', 'DESC', '-000001-01-01T00:00:00.000Z', id)],
    [newest, cursor('createdAt', 'DESC', instant, 'key_\u0000')],
    [newest, cursor('createdAt', 'DESC', instant, '\ud800')],
    [newest, cursor('createdAt', 'DESC', instant, { not: '' })],
    [byName, cursor('name', 'ASC', 'a\u0000b', id)],
    [byName, cursor('name', 'ASC', '\udc00', id)],
    [byName, cursor('name', 'ASC', null, id)],
    [byName, cursor('name', 'ASC', ['a'], id)],
    [byName, good],
    [byStop, cursor('stopsAt', 'ASC', 'never', id)],
    [{ ...newest, direction: 'ASC' }, good],
  ];
  for (const [orderBy, after] of refused) {
    for (const args of [{ after }, { before: after }]) {
      const { data, errors } = await gateway.ask(KEYS, { ...args, orderBy }, token);
      const name = Object.keys(args)[0];
      const message = `${name}: found a cursor that is not of this list in this order. Take cursors from pageInfo or an edge.`;
      expect({ after, data, errors }).toMatchObject({
        data: null,
        errors: [{ message, path: ['keys'], extensions: { code: 'BAD_USER_INPUT', path: [name] } }],
      });
    }
  }
  expect((await gateway.ask(KEYS, { after: good, orderBy: newest }, token)).errors).toBeUndefined();
});

test('lists: a cursor of another caller’s list shows only one’s own keys', async () => {
  const town = await openTown();
  const mine = [await town.issue(town.eve.token), await town.issue(town.eve.token)];
  // The newest of all is the other one's: the cursor is of a place at which none of one's own stands.
  town.gateway.clock.advance(1);
  await town.issue(town.olga.token);
  const { data } = await town.gateway.ask(KEYS, { first: 1 }, town.admin.token);
  const { endCursor } = data['keys'].pageInfo;
  const seen: string[] = [];
  for (const page of [{ after: endCursor }, { before: endCursor }]) {
    const { data: shown } = await town.gateway.ask(KEYS, page, town.eve.token);
    seen.push(...shown['keys'].edges.map(idOf));
  }
  expect(seen.toSorted()).toEqual(mine.map(({ id }) => id).toSorted());
});

/** A gateway with so many keys, each issued a second after the one before unless it says when. Ids in that order. */
async function openList(count: number, keyOf: (index: number, now: Date) => ManyKey) {
  const gateway = await openGateway();
  const token = await gateway.admin();
  const now = gateway.clock.now();
  const { id: accountId } = await gateway.prisma.account.findFirstOrThrow();
  const { id: realmId } = await gateway.prisma.realm.findFirstOrThrow();
  const keys = Array.from({ length: count }, (_, index): ManyKey => ({
    accountId,
    createdAt: addMs(now, index * 1_000),
    ...keyOf(index, now),
  }));
  const ids = await makeManyKeys(gateway.services, realmId, keys);
  const rows = await gateway.prisma.key.findMany();
  const list = async (args: object): Promise<Page> => (await gateway.ask(KEYS, args, token)).data['keys'];
  return { gateway, token, ids, rows, realmId, list };
}

type Row = Awaited<ReturnType<Gateway['prisma']['key']['findMany']>>[number];

/** The order as it is meant: by the value, those without one last whatever the direction, then by the id. */
function comparing(column: (typeof fields)[Field], direction: Direction): (a: Row, b: Row) => number {
  const sign = direction === 'ASC' ? 1 : -1;
  return (a, b) => {
    const [left, right] = [a[column], b[column]];
    if (left === null || right === null)
      return Number(left === null) - Number(right === null) || sign * compare(a.id, b.id);
    return sign * (compare(left, right) || compare(a.id, b.id));
  };
}

function compare(a: string | Date, b: string | Date): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return Number(a) - Number(b);
}

function idOf({ node }: Page['edges'][number]): string {
  return node.id;
}
