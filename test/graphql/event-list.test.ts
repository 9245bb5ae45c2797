import { expect, test } from 'vitest';
import { authenticate } from '../../src/accounts/authenticate.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { decodeCursor } from '../../src/log/cursor.ts';
import { maySeeEvent } from '../../src/log/visible-events.ts';
import { countStatements } from '../support/count-statements.ts';
import { changeKey, ROTATE_KEY } from '../support/operations.ts';
import { openTown, type Town } from '../support/town.ts';

const EVENTS = `query ($first: Int, $after: Cursor, $last: Int, $before: Cursor, $filter: EventFilter) {
  events(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
    edges { cursor node { id type } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

/** A town in which things have happened, over some days. */
async function openBusyTown(): Promise<Town> {
  const town = await openTown();
  const { gateway, olga, mia, acme, admin } = town;
  for (let round = 0; round < 6; round += 1) {
    const { id } = await town.issue(olga.token);
    const { id: keyId } = await town.issue(mia.token, { owner: acme });
    await gateway.ask(ROTATE_KEY, { input: { keyId } }, mia.token);
    await gateway.ask(changeKey('holdKey'), { input: { keyId: id, reason: 'a try' } }, admin.token);
    gateway.clock.advance(HOUR_MS);
  }
  await gateway.services.follower.catchUp();
  return town;
}

/** All pages of a list, in the order of the log. */
async function readAll(town: Town, token: string, isBackward: boolean, filter: object = {}, size = 3) {
  const ids: string[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < 200; pages += 1) {
    const page: object = isBackward ? { last: size, before: cursor } : { first: size, after: cursor };
    const { data, errors } = await town.gateway.ask(EVENTS, { ...page, filter }, token);
    expect(errors).toBeUndefined();
    const { edges, pageInfo } = data['events'];
    const found = edges.map(({ node }: any) => node.id);
    if (isBackward) ids.unshift(...found);
    else ids.push(...found);
    if (!(isBackward ? pageInfo.hasPreviousPage : pageInfo.hasNextPage)) return ids;
    cursor = isBackward ? pageInfo.startCursor : pageInfo.endCursor;
  }
  throw new Error('the list does not end');
}

test('event list: pages go through all events that the caller may see, each once, forwards and backwards', async () => {
  const town = await openBusyTown();
  const { gateway, admin, olga, mia, eve, realm } = town;
  const { secret } = await town.issue(olga.token);
  const scopes = [{ action: 'keytide:manage', resource: '**' }];
  const manager = await town.issue(admin.token, { owner: town.acme, scopes });
  await gateway.services.uses.flush();
  for (const credential of [admin.token, olga.token, mia.token, eve.token, secret, manager.secret]) {
    const { caller } = await authenticate(gateway.services, `Bearer ${credential}`, '127.0.0.1');
    // A key that reads events uses its secret: its first use is an event.
    await readAll(town, credential, false);
    await gateway.services.uses.flush();
    const all = await gateway.prisma.event.findMany({ orderBy: { position: 'asc' } });
    const held = { types: ['KEY_HELD', 'KEY_ISSUED'], realm: 'default' };
    for (const [filter, isChosen] of [
      [{}, () => true],
      [held, ({ type, realmId }) => ['KEY_HELD', 'KEY_ISSUED'].includes(type) && realmId === realm],
      [{ owner: olga.id }, ({ ownerId }) => ownerId === olga.id],
      [{ actor: mia.id }, ({ actorId }) => actorId === mia.id],
    ] as [object, (event: (typeof all)[number]) => boolean][]) {
      const expected = all.filter((event) => maySeeEvent(caller, event) && isChosen(event)).map(({ id }) => id);
      for (const isBackward of [true, false]) {
        expect(await readAll(town, credential, isBackward, filter)).toEqual(expected);
      }
    }
  }
});

test('event list: begins with the newest events, and a page takes one statement, whatever its size', async () => {
  const town = await openBusyTown();
  const { gateway, admin } = town;
  await gateway.services.follower.stop();
  const [newest] = await gateway.prisma.event.findMany({ orderBy: { position: 'desc' }, take: 1 });
  const counts = [];
  for (const last of [5, 50]) {
    const { result, statements } = await countStatements(() => gateway.ask(EVENTS, { last }, admin.token));
    expect(result.data['events'].edges.at(-1).node.id).toBe(newest?.id);
    counts.push(statements.filter((text) => text.includes('DISTINCT ON (position)')).length);
  }
  // Beside the session and the ends of the log.
  expect(counts).toEqual([1, 1]);
  const { data } = await gateway.ask('{ events { edges { node { id } } } }', {}, admin.token);
  expect([data['events'].edges.length, data['events'].edges.at(-1).node.id]).toEqual([20, newest?.id]);
});

test('event list: refuses what is no page', async () => {
  const { gateway, admin } = await openTown();
  for (const [page, message] of [
    [{ first: 1, last: 1 }, 'Found both first and last; expected one of them.'],
    [{ first: 101 }, 'first: found 101; expected 0 to 100.'],
    [{ last: -1 }, 'last: found -1; expected 0 to 100.'],
  ] as const) {
    const { errors } = await gateway.ask(EVENTS, page, admin.token);
    expect(errors).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT' } }]);
  }
});

test('log cursor: at a moment, it is the place after which what was recorded from then on follows', async () => {
  const town = await openBusyTown();
  const { gateway, admin } = town;
  const all = await gateway.prisma.event.findMany({ orderBy: { position: 'asc' } });
  const moments = [...new Set(all.map(({ recordedAt }) => recordedAt.getTime()))];
  const around = moments.flatMap((ms) => [ms - 1, ms, ms + 1]);
  for (const ms of [0, ...around, addMs(gateway.clock.now(), DAY_MS).getTime()]) {
    const at = new Date(ms);
    const query = 'query ($at: DateTime!) { logCursorAt(at: $at) }';
    const { data } = await gateway.ask(query, { at: at.toISOString() }, admin.token);
    const expected = all.findLast(({ recordedAt }) => recordedAt < at)?.position ?? 0n;
    expect([at, decodeCursor(data['logCursorAt'])]).toEqual([at, expected]);
  }
});
