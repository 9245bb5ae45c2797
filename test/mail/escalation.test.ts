import { expect, test } from 'vitest';
import { disableAccount } from '../../src/accounts/disable-account.ts';
import { updateAccount } from '../../src/accounts/update-account.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { transferKey } from '../../src/keys/transfer.ts';
import type { AccountCaller } from '../../src/domain/caller.ts';
import { success } from '../support/key-world.ts';
import { openMailWorld, type MailWorld } from '../support/mail-world.ts';

const MONTH = { lifetimeMs: 45 * DAY_MS };

/** Returns the names of the people who get a mail in this time. Each mail must have one recipient. */
async function recipientsIn(
  world: MailWorld,
  ms: number,
  people: Readonly<Record<string, AccountCaller>>,
): Promise<string[]> {
  const before = world.server.received.length;
  await world.mailAfter(ms);
  const names = new Map<string, string>();
  for (const [name, { id }] of Object.entries(people)) names.set(await world.emailOf(id), name);
  return world.server.received
    .slice(before)
    .map(({ recipients, parsed, raw }) => {
      expect(recipients).toHaveLength(1);
      const [recipient = ''] = recipients;
      // A mail must not reveal other recipients.
      for (const email of names.keys()) if (email !== recipient) expect(raw).not.toContain(email);
      expect([parsed.to].flat().flatMap((to) => to?.value.map(({ address }) => address))).toEqual([recipient]);
      return names.get(recipient) ?? recipient;
    })
    .sort();
}

test('mail: an organization’s notices go to its OWNERs, without effect also to its ADMINs, then to administrators', async () => {
  const world = await openMailWorld();
  const acme = await world.organization({ ann: 'OWNER', ben: 'OWNER', cleo: 'ADMIN', dan: 'MEMBER' });
  const people = { ann: acme.ann, ben: acme.ben, cleo: acme.cleo, dan: acme.dan, admin: world.admin };
  await world.issue({ owner: acme.id, ask: MONTH }, acme.ann);
  expect(await recipientsIn(world, 15 * DAY_MS, people)).toEqual(['ann', 'ben']);
  expect(await recipientsIn(world, 16 * DAY_MS, people)).toEqual(['ann', 'ben', 'cleo']);
  expect(await recipientsIn(world, 7 * DAY_MS, people)).toEqual(['admin', 'ann', 'ben', 'cleo']);
  const last = world.server.received.findLast(({ parsed }) => parsed.text?.includes('You get this mail because Acme'));
  expect(last).toBeDefined();
});

test('mail: disabled and unsubscribed accounts are skipped for the next rung; if no account is left, nothing is owed', async () => {
  const world = await openMailWorld();
  const acme = await world.organization({ ann: 'OWNER', cleo: 'ADMIN' });
  const other = await world.account('other', true);
  const people = { ann: acme.ann, cleo: acme.cleo, admin: world.admin, other };
  const { keyId } = await world.issue({ owner: acme.id, ask: MONTH }, acme.ann);
  success(await updateAccount(world, acme.ann, { noticesByMail: false }));
  expect(await recipientsIn(world, 15 * DAY_MS, people)).toEqual(['cleo']);
  success(await disableAccount(world, world.admin, { accountId: acme.cleo.id, reason: 'left' }));
  expect(await recipientsIn(world, 16 * DAY_MS, people)).toEqual(['admin', 'other']);
  success(await updateAccount(world, world.admin, { noticesByMail: false }));
  success(await updateAccount(world, other, { noticesByMail: false }));
  expect(await recipientsIn(world, 7 * DAY_MS, people)).toEqual([]);
  const notices = await world.prisma.notice.findMany({ where: { keyId }, orderBy: { givenAt: 'asc' } });
  expect(notices.map(({ isOwed, deliveredAt }) => [isOwed, deliveredAt !== null])).toEqual([
    [true, true],
    [true, true],
    [false, false],
  ]);
  success(await updateAccount(world, acme.ann, { noticesByMail: true }));
  expect(await recipientsIn(world, 6 * DAY_MS, people)).toEqual(['ann']);
});

test('mail: an account that unsubscribes before a digest is sent gets none, and the next rung does', async () => {
  const world = await openMailWorld();
  const { keyId } = await world.issue({ ask: MONTH });
  await world.travel(15 * DAY_MS);
  await world.mailer.sendDue();
  success(await updateAccount(world, world.owner, { noticesByMail: false }));
  await world.mailAfter(5 * MINUTE_MS);
  expect(world.recipients()).toEqual([await world.emailOf(world.admin.id)]);
  expect(await world.prisma.notice.findFirst({ where: { keyId } })).toMatchObject({ deliveredAt: expect.any(Date) });
});

test('mail: a permanently refused recipient does not affect others, and the next rung gets what no recipient accepted', async () => {
  const world = await openMailWorld();
  const acme = await world.organization({ ann: 'OWNER', ben: 'OWNER', cleo: 'ADMIN' });
  const people = { ann: acme.ann, ben: acme.ben, cleo: acme.cleo, admin: world.admin };
  await world.issue({ owner: acme.id, ask: MONTH }, acme.ann);
  world.server.refused.add(await world.emailOf(acme.ann.id));
  expect(await recipientsIn(world, 15 * DAY_MS, people)).toEqual(['ben']);
  expect(await recipientsIn(world, HOUR_MS, people)).toEqual([]);
  for (const { id } of [acme.ben, acme.cleo]) world.server.refused.add(await world.emailOf(id));
  const { keyId } = await world.issue({ owner: acme.id, ask: { lifetimeMs: 30 * DAY_MS + HOUR_MS } }, acme.ann);
  await world.mailAfter(DAY_MS);
  expect(await recipientsIn(world, HOUR_MS, people)).toEqual(['admin']);
  expect(await world.prisma.notice.findFirst({ where: { keyId } })).toMatchObject({ deliveredAt: expect.any(Date) });
  expect(world.attempts.filter(({ outcome }) => outcome === 'REFUSED')).toMatchObject([
    { code: 'EENVELOPE', status: 550 },
    { status: 550 },
    { status: 550 },
    { status: 550 },
  ]);
});

test('mail: a notice that the server refuses for every recipient has failed', async () => {
  const world = await openMailWorld();
  const { keyId } = await world.issue({ ask: MONTH });
  for (const { id } of [world.owner, world.admin]) world.server.refused.add(await world.emailOf(id));
  await world.mailAfter(15 * DAY_MS);
  await world.mailAfter(HOUR_MS);
  expect(await world.prisma.notice.findMany({ where: { keyId } })).toMatchObject([
    { isOwed: true, deliveredAt: null, failedAt: expect.any(Date), mailAt: null },
  ]);
});

test('mail: a notice of a key that was transferred before sending goes to the new owner', async () => {
  const world = await openMailWorld();
  const { keyId } = await world.issue({ ask: MONTH });
  await world.travel(15 * DAY_MS);
  await world.mailer.sendDue();
  success(await transferKey(world, world.admin, { keyId, owner: world.heir.id }));
  await world.mailAfter(5 * MINUTE_MS);
  expect(world.recipients()).toEqual([await world.emailOf(world.heir.id)]);
});

test('mail: who left the organization before a digest is sent gets no notice of its keys, and who stayed does', async () => {
  const world = await openMailWorld();
  const acme = await world.organization({ ann: 'OWNER', ben: 'OWNER', cleo: 'ADMIN' });
  const globex = await world.organization({ dan: 'OWNER', eve: 'ADMIN' });
  await world.issue({ owner: acme.id, ask: MONTH }, acme.ann);
  await world.issue({ owner: globex.id, ask: MONTH }, globex.dan);
  await world.travel(15 * DAY_MS);
  await world.mailer.sendDue();
  for (const { id } of [acme.ann, globex.dan]) await world.prisma.membership.deleteMany({ where: { accountId: id } });
  await world.mailAfter(5 * MINUTE_MS);
  // Nobody of Globex is left on the first rung: it goes to the second.
  const expected = [await world.emailOf(acme.ben.id), await world.emailOf(globex.eve.id)];
  expect(world.recipients().toSorted()).toEqual(expected.toSorted());
  expect(await world.prisma.notice.count({ where: { deliveredAt: null } })).toBe(0);
});
