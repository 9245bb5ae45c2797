import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { transferKey } from '../../src/keys/transfer.ts';
import { success } from '../support/key-world.ts';
import { openMailWorld } from '../support/mail-world.ts';

const MONTH = { lifetimeMs: 45 * DAY_MS };

test('mail: notices within a few minutes go to the owner in one mail', async () => {
  const world = await openMailWorld();
  const first = await world.issue({ name: 'release', ask: MONTH });
  await world.travel(MINUTE_MS);
  const second = await world.issue({ name: 'docs', ask: MONTH });
  await world.travel(15 * DAY_MS - MINUTE_MS);
  await world.mailer.sendDue();
  await world.travel(2 * MINUTE_MS);
  await world.mailer.sendDue();
  expect(world.server.received).toEqual([]);
  await world.travel(3 * MINUTE_MS);
  await world.mailer.sendDue();

  expect(world.recipients()).toEqual([await world.emailOf(world.owner.id)]);
  const [mail] = world.server.received;
  expect(mail?.parsed.subject).toBe('2 API keys stop working, the first on 7 January 2027');
  const text = mail?.parsed.text ?? '';
  expect(text.indexOf('release (owner, Default)')).toBeGreaterThan(0);
  expect(text.indexOf('docs (owner, Default)')).toBeGreaterThan(text.indexOf('release'));
  expect(text).toContain(
    'Renew it before Thursday, 7 January 2027 at 12:00 UTC (in 29 days 23 hours), or it stops working then.',
  );
  expect(text).toContain('Why: That expiry was chosen for the key.');
  for (const { keyId, secret } of [first, second]) {
    const link = `https://keytide.test/keys/${keyId}`;
    expect(text).toContain(link);
    expect(String(mail?.parsed.html)).toContain(link);
    expect(mail?.raw).not.toContain(secret.slice(0, 20));
  }
});

test('mail: a key that stops for lack of use is described with the reason and what to do', async () => {
  const world = await openMailWorld();
  await world.issue({ name: 'release' });
  await world.mailAfter(365 * DAY_MS);
  const [mail] = world.server.received;
  expect(mail?.parsed.subject).toBe('An API key stops working on 23 December 2027');
  expect(mail?.parsed.text).toContain('Use it once before Thursday, 23 December 2027 at 12:00 UTC');
  expect(mail?.parsed.text).toMatch(/Why: .*It was never used/);
});

test('mail: a key that stops before its next use is described with when that is likely', async () => {
  const world = await openMailWorld();
  const { keyId, secret } = await world.issue({ name: 'release', ask: { lifetimeMs: 300 * DAY_MS } });
  for (const gap of [0, 91, 91, 91]) {
    await world.travel(gap * DAY_MS);
    await world.verify(secret);
    await world.uses.flush();
  }
  await world.mailAfter(0);
  const mails = world.server.received.filter(({ parsed }) => parsed.text?.includes('By its rhythm'));
  expect(mails).toHaveLength(1);
  const day = Math.floor((await world.key(keyId)).lastUsedAt!.getTime() / DAY_MS);
  const nameOf = (after: number) =>
    new Date((day + after) * DAY_MS).toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
  expect(mails[0]?.parsed.text?.replace(/\s+/g, ' ')).toContain(
    `By its rhythm it is likely to be used next between ${nameOf(82)} and ${nameOf(100)}: it stops before that use.`,
  );
});

test('mail: an owner gets one digest a day, except for keys that stop before the next one', async () => {
  const world = await openMailWorld();
  const start = world.clock.now().getTime();
  await world.issue({ name: 'a', ask: { lifetimeMs: 31 * DAY_MS } });
  await world.issue({ name: 'b', ask: { lifetimeMs: 31 * DAY_MS + 6 * HOUR_MS } });
  await world.issue({ name: 'c', ask: { lifetimeMs: 31 * DAY_MS + 12 * HOUR_MS } });
  const email = await world.emailOf(world.owner.id);
  const sent = () => world.server.received.filter(({ recipients }) => recipients.includes(email));
  const hoursOf: number[] = [];
  for (let hour = 3; hour <= 33 * 24; hour += 3) {
    const before = sent().length;
    await world.travel(start + hour * HOUR_MS - world.clock.now().getTime());
    await world.mailer.sendDue();
    await world.travel(5 * MINUTE_MS);
    await world.mailer.sendDue();
    if (sent().length > before) hoursOf.push(hour);
    expect(sent().length - before).toBeLessThanOrEqual(1);
  }
  // The notices of a come after 1, 17, 24 and 30 days; those of b and c 6 and 12 hours later wait for a day.
  expect(hoursOf).toEqual([1, 17, 24, 30].flatMap((day) => [day * 24, (day + 1) * 24]));
  const names = sent().map(({ parsed }) =>
    [...(parsed.text ?? '').matchAll(/^(\w) \(owner/gm)].map(([, name]) => name),
  );
  expect(names).toEqual([1, 17, 24, 30].flatMap(() => [['a'], ['b', 'c']]));
});

test('mail: a notice of a stop before the next digest, or within an hour after it, does not wait', async () => {
  const world = await openMailWorld();
  await world.issue({ name: 'long', ask: { lifetimeMs: 31 * DAY_MS } });
  await world.mailAfter(DAY_MS);
  expect(world.server.received).toHaveLength(1);
  await world.issue({ name: 'other', ask: { lifetimeMs: 30 * DAY_MS + 2 * MINUTE_MS } });
  await world.mailAfter(10 * MINUTE_MS);
  expect(world.server.received).toHaveLength(1);
  // Its only notice is given when a third of its life is left: the next digest would come when it is all but over.
  await world.issue({ name: 'short', ask: { lifetimeMs: 24 * HOUR_MS + 20 * MINUTE_MS } });
  await world.mailAfter(16 * HOUR_MS);
  expect(world.server.received).toHaveLength(1);
  await world.mailAfter(20 * MINUTE_MS);
  expect(world.server.received).toHaveLength(2);
  expect(world.server.received[1]?.parsed.text).toMatch(/short[^]*other/);
});

test('mail: outdated notices are left out, and a digest without current ones is not sent', async () => {
  const world = await openMailWorld();
  const keys = [];
  for (const name of ['renewed', 'revoked', 'given away', 'true']) keys.push(await world.issue({ name, ask: MONTH }));
  const [renewed, revoked, given, kept] = keys.map(({ keyId }) => keyId);
  await world.travel(15 * DAY_MS);
  await world.mailer.sendDue();
  success(await renewKey(world, world.owner, { keyId: renewed!, ask: null, accept: ['EXTEND'] }));
  success(await revokeKey(world, world.owner, { keyId: revoked!, reason: 'lost' }));
  success(await transferKey(world, world.admin, { keyId: given!, owner: world.heir.id }));
  await world.travel(5 * MINUTE_MS);
  await world.mailer.sendDue();
  expect(world.server.received).toHaveLength(1);
  const text = world.server.received[0]?.parsed.text ?? '';
  expect(text).toContain('true (owner');
  for (const name of ['renewed', 'revoked', 'given away']) expect(text).not.toContain(name);
  expect(await world.prisma.noticeMail.findMany({ where: { accountId: world.owner.id } })).toMatchObject([
    { keyId: kept },
  ]);

  const emptyWorld = await openMailWorld();
  const { keyId } = await emptyWorld.issue({ ask: MONTH });
  await emptyWorld.travel(15 * DAY_MS);
  await emptyWorld.mailer.sendDue();
  success(await revokeKey(emptyWorld, emptyWorld.owner, { keyId, reason: 'lost' }));
  await emptyWorld.travel(5 * MINUTE_MS);
  await emptyWorld.mailer.sendDue();
  expect(emptyWorld.server.received).toEqual([]);
  expect(emptyWorld.attempts).toMatchObject([{ outcome: 'NOTHING' }]);
  expect(await emptyWorld.prisma.digest.count()).toBe(0);
});

test.for([
  { title: 'on time', isKept: true },
  { title: 'on time, by what its history emptyWorld still has,', isKept: false },
])('mail: a key that renews itself $title causes no mail until its renewal is late', async ({ isKept }) => {
  const world = await openMailWorld();
  const { secret, keyId } = await world.issue({ name: 'robot', ask: { lifetimeMs: 90 * DAY_MS } });
  await world.travel(DAY_MS);
  success(await renewKey(world, await world.callerOf(secret), { ask: null, accept: ['EXTEND'] }));
  if (!isKept) {
    await world.prisma.$executeRaw`
      WITH gone AS (DELETE FROM "Event" WHERE "keyId" = ${keyId} RETURNING *) INSERT INTO "KeyHistory" SELECT * FROM gone`;
  }
  const { renewalDueAt, stopsAt } = await world.key(keyId);
  const dueMs = (renewalDueAt?.getTime() ?? 0) - world.clock.now().getTime();
  await world.mailAfter(dueMs);
  for (let hour = 0; hour < 20; hour += 1) await world.mailAfter(HOUR_MS);
  const isBefore30Days = (stopsAt?.getTime() ?? 0) - world.clock.now().getTime() > 30 * DAY_MS;
  expect(isBefore30Days).toBe(false);
  expect(world.server.received).toEqual([]);
  await world.mailAfter(4 * HOUR_MS);
  expect(world.server.received).toHaveLength(1);
  expect(world.server.received[0]?.parsed.text).toContain(
    'Until now its automation has renewed it, but this renewal is late',
  );
});

test('mail: two nodes at once send each digest once', async () => {
  const world = await openMailWorld();
  const people = [];
  for (let index = 0; index < 12; index += 1) people.push(await world.account(`person${index}`));
  for (const person of people) await world.issue({ ask: MONTH }, person);
  const mailers = [world.mailer, world.anotherMailer(), world.anotherMailer()];
  await world.travel(15 * DAY_MS);
  await Promise.all(mailers.map((mailer) => mailer.sendDue()));
  await world.travel(5 * MINUTE_MS);
  await Promise.all(mailers.map((mailer) => mailer.sendDue()));
  const emails = await Promise.all(people.map(({ id }) => world.emailOf(id)));
  expect(world.recipients().sort()).toEqual(emails.sort());
  expect(world.failures).toEqual([]);
});
