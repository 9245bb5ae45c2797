import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { isUnavailable } from '../../src/store/unavailable.ts';
import { openStore } from '../../src/store/prisma.ts';
import { silent } from '../support/embedded-process.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { waitUntilBlocked } from '../support/wait-until-blocked.ts';
import { openCore } from '../support/core.ts';

test('unavailable: one of two deadlocked changes is ended, and may be repeated', async () => {
  const { prisma } = await openCore();
  const both = Promise.withResolvers<void>();
  const isWaiting = Promise.withResolvers<void>();
  let locked = 0;
  const take = (first: number, second: number, before: Promise<void>) =>
    prisma.$transaction(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${first})`;
      locked += 1;
      if (locked === 2) both.resolve();
      await both.promise;
      await before;
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${second})`;
    });
  const all = Promise.allSettled([take(1, 2, Promise.resolve()), take(2, 1, isWaiting.promise)]);
  await waitUntilBlocked(prisma);
  isWaiting.resolve();
  const ended = (await all).flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  expect(ended.map(isUnavailable)).toEqual([true]);
});

test.for([
  ['has become a standby, or was made read-only', '25006', 'SET LOCAL transaction_read_only = on'],
  ['is full', '53100', refusing('53100')],
  ['has too many connections', '53300', refusing('53300')],
  ['lets nobody wait for longer than it is allowed to', '55P03', refusing('55P03')],
  ['had the statement ended by its operator or a limit', '57014', refusing('57014')],
  ['is shut down', '57P01', refusing('57P01')],
] as const)('unavailable: a database that %s (%s) is asked again', async ([, , statement]) => {
  const { prisma } = await openCore();
  const write = { slug: 'one', name: 'one', minimumNoticeMs: 1, shortestLifetimeMs: 1, longestLifetimeMs: 1 };
  const outcomes = await Promise.allSettled([
    prisma.$transaction(async (tx) => {
      await tx.$executeRawUnsafe(statement);
      await tx.$executeRaw`UPDATE "LogHead" SET position = position + 1`;
    }),
    prisma.$transaction(async (tx) => {
      await tx.$executeRawUnsafe(statement);
      await tx.realm.create({ data: { id: 'realm_one', ...write, createdAt: new Date() } });
    }),
  ]);
  expect(outcomes.map((one) => one.status === 'rejected' && isUnavailable(one.reason))).toEqual([true, true]);
});

test.for([
  [
    'without a socket',
    (folder: string) => `postgresql://keytide@localhost/postgres?host=${encodeURIComponent(folder)}`,
  ],
  ['on a closed port', () => 'postgresql://keytide@127.0.0.1:1/postgres'],
  ['of an unknown name', () => 'postgresql://keytide@nowhere.invalid/postgres'],
] as const)(
  'unavailable: a database %s is asked again, by the pool and by a dedicated connection',
  async ([, place]) => {
    const store = openStore(place(scratchFolder()), { poolSize: 1, log: silent });
    onTestFinished(() => store.close());
    const failures = await Promise.allSettled([
      store.prisma.realm.findFirst(),
      store.prisma.$transaction(async (tx) => tx.realm.findFirst()),
      store.readDatabaseTime(),
      store.openClient().connect(),
    ]);
    expect(failures.map((one) => one.status === 'rejected' && isUnavailable(one.reason))).toEqual([
      true,
      true,
      true,
      true,
    ]);
  },
);

test('unavailable: a missing file, or a lost connection of another kind, is not the database’s', async () => {
  const missing = await readFile('/nowhere/at/all').catch((error: unknown) => error);
  const [refused] = await once(connect(1, '127.0.0.1'), 'error').catch((error: unknown) => [error]);
  const fetched = await fetch('http://127.0.0.1:1/').catch((error: unknown) => error);
  expect(missing).toMatchObject({ code: 'ENOENT' });
  expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
  expect([missing, refused, fetched].map(isUnavailable)).toEqual([false, false, false]);
});

/** Makes every write to the two tables fail with that code. */
function refusing(code: string): string {
  return `DO $do$ DECLARE name text; BEGIN
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $refuse$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '${code}'; END $refuse$;
    FOREACH name IN ARRAY ARRAY['LogHead', 'Realm'] LOOP
      EXECUTE format('CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON %I EXECUTE FUNCTION refuse()', name);
    END LOOP;
  END $do$`;
}
