import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { freshDatabase } from '../support/database.ts';
import { openInterceptedStore } from '../support/intercepted-store.ts';
import { mutate, issue, logCursor, recordManyEvents, recordNumberedEvents } from '../support/issue.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { subscribe, type Subscriber } from '../support/subscriber.ts';

const WITH_KEYS = 'subscription ($after: Cursor) { events(after: $after) { cursor data key { name } } }';
const PLAIN = 'subscription { events { data } }';

const numbers = (subscriber: Subscriber): number[] =>
  subscriber.items().flatMap(({ data }) => ('number' in data ? [data.number as number] : []));

/** Returns how many bytes wait in this process to be written to the clients of a gateway. */
function waitingBytes({ url }: Gateway): number {
  const { _getActiveHandles: handles } = process as unknown as { _getActiveHandles(): unknown[] };
  const port = Number(new URL(url).port);
  return handles
    .call(process)
    .flatMap((handle) => (handle instanceof Socket && handle.localPort === port ? [handle.writableLength] : []))
    .reduce((most, length) => Math.max(most, length), 0);
}

test('broadcast: identical subscriptions execute each event once, whatever their start positions', async () => {
  const database = await freshDatabase();
  const store = openInterceptedStore(database);
  const gateway = await openGateway({ database, store });
  const olga = await gateway.person('olga');
  const key = await issue(gateway, olga.token, { name: 'release' });
  const about = { keyId: key.id, ownerId: olga.id };
  const cursors = [await logCursor(gateway, olga.token)];
  await recordNumberedEvents(gateway, about, 1);
  cursors.push(await logCursor(gateway, olga.token));
  const readers = Array.from({ length: 20 }, (_, index) =>
    subscribe(gateway.socket(olga.token), WITH_KEYS, { after: cursors[index % 2] }),
  );
  let readCount = 0;
  store.intercept('Key.findUnique', (run) => {
    readCount += 1;
    return run();
  });
  let number = 1;
  // Once all have caught up, each event is executed once for the group.
  await expect
    .poll(
      async () => {
        number += 1;
        const before = readCount;
        await recordNumberedEvents(gateway, about, number);
        await Promise.all(readers.map((reader) => reader.until(() => numbers(reader).includes(number))));
        return readCount - before;
      },
      { timeout: 20_000 },
    )
    .toBe(1);
  const all = Array.from({ length: number }, (_, index) => index + 1);
  for (const [index, reader] of readers.entries()) {
    expect(numbers(reader)).toEqual(all.slice(index % 2));
    expect(reader.items().at(-1)).toMatchObject({ key: { name: 'release' } });
  }
});

test('broadcast: the same operation of callers with different visibility is executed for each', async () => {
  const gateway = await openGateway();
  const [olga, max] = [await gateway.person('olga'), await gateway.person('max')];
  const key = await issue(gateway, olga.token, { name: 'release' });
  const tokens = [olga.token, olga.token, max.token, await gateway.admin()];
  const [first, second, stranger, admin] = tokens.map((token) => subscribe(gateway.socket(token), WITH_KEYS));
  const seen = [first!, second!, admin!];
  await expect
    .poll(async () => {
      await mutate(gateway, olga.token, 'updateKey', { keyId: key.id, name: 'release' });
      return seen.every((reader) => reader.items().length > 0);
    })
    .toBe(true);
  await recordNumberedEvents(gateway, { keyId: key.id, ownerId: olga.id }, 7);
  await recordNumberedEvents(gateway, { ownerId: max.id }, 8);
  await stranger!.until(() => numbers(stranger!).includes(8));
  await Promise.all(seen.map((reader) => reader.until(() => numbers(reader).includes(7))));
  await admin!.until(() => numbers(admin!).includes(8));
  expect(numbers(stranger!)).toEqual([8]);
  expect(numbers(first!)).toEqual([7]);
  expect(numbers(admin!)).toEqual([7, 8]);
});

test('broadcast: a client that does not read gets no more than it takes, delays no other, and misses nothing', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const quick = subscribe(gateway.socket(admin), PLAIN);
  const slow = await openRawSocket(gateway, admin);
  slow.send({ id: 'slow', type: 'subscribe', payload: { query: PLAIN } });
  const toldTo = (messages: readonly any[]) =>
    messages.flatMap(({ payload }) => (payload?.data === undefined ? [] : [payload.data.events.data]));
  await expect
    .poll(async () => {
      await recordManyEvents(gateway, 1, {});
      return toldTo(slow.messages).length > 0 && numbers(quick).length > 0;
    })
    .toBe(true);
  slow.socket.pause();
  const pad = 'x'.repeat(20_000);
  const count = 1_000;
  const had = numbers(quick).length;
  await recordManyEvents(gateway, count, { pad });
  await quick.until(() => numbers(quick).length >= had + count);
  // Of the 20 MB that the client has not read, at most 2 MiB wait in this process; the rest stays in the log.
  expect(waitingBytes(gateway)).toBeLessThan(2 * 1024 * 1024);
  slow.socket.resume();
  const padded = () => toldTo(slow.messages).flatMap((data) => (data.pad === pad ? [data.number as number] : []));
  await expect.poll(() => padded().length, { timeout: 20_000 }).toBe(count);
  expect(padded()).toEqual(Array.from({ length: count }, (_, index) => index + 1));
});
