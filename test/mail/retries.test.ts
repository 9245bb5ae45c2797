import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { startDirectedNode } from '../support/direct-node.ts';
import { openMailWorld } from '../support/mail-world.ts';

const MONTH = { lifetimeMs: 45 * DAY_MS };

test('mail: while the server is down a digest is retried with back-off, then sent with everything that waits', async () => {
  const world = await openMailWorld();
  await world.issue({ name: 'first', ask: MONTH });
  await world.issue({ name: 'second', ask: { lifetimeMs: 46 * DAY_MS } });
  world.server.isDown = true;
  await world.mailAfter(15 * DAY_MS);
  for (let hour = 0; hour < 48; hour += 1) await world.mailAfter(HOUR_MS);
  const attempts = world.attempts.length;
  expect(attempts).toBeGreaterThan(10);
  expect(attempts).toBeLessThan(35);
  expect(world.attempts.every(({ outcome, status }) => outcome === 'POSTPONED' && status === 451)).toBe(true);
  expect(JSON.stringify(world.attempts)).not.toContain('@');

  world.server.isDown = false;
  for (let hour = 0; hour < 8; hour += 1) await world.mailAfter(HOUR_MS);
  expect(world.server.received).toHaveLength(1);
  expect(world.server.received[0]?.parsed.text).toMatch(/first[^]*second/);
  expect(await world.prisma.notice.count({ where: { deliveredAt: null } })).toBe(0);
});

test('mail: after three days a digest and its notices have failed, and the next notice is tried again', async () => {
  const world = await openMailWorld();
  const { keyId } = await world.issue({ ask: MONTH });
  world.server.isDown = true;
  await world.mailAfter(15 * DAY_MS);
  for (let hour = 0; hour < 80; hour += 2) await world.mailAfter(2 * HOUR_MS);
  expect(world.attempts.at(-1)).toMatchObject({ outcome: 'FAILED' });
  const [digest] = await world.prisma.digest.findMany();
  const lastedMs = (digest?.failedAt?.getTime() ?? 0) - (digest?.createdAt.getTime() ?? 0);
  expect(lastedMs).toBeGreaterThan(2.7 * DAY_MS);
  expect(lastedMs).toBeLessThan(3.2 * DAY_MS);
  const notices = () => world.prisma.notice.findMany({ where: { keyId }, orderBy: { givenAt: 'asc' } });
  expect(await notices()).toMatchObject([{ deliveredAt: null, failedAt: expect.any(Date) }]);
  const tried = world.attempts.length;
  await world.mailAfter(DAY_MS);
  expect(world.attempts).toHaveLength(tried);

  world.server.isDown = false;
  await world.mailAfter(12 * DAY_MS);
  // No earlier notice was delivered, so this one goes to the owner only.
  expect(world.recipients()).toEqual([await world.emailOf(world.owner.id)]);
  expect(await notices()).toMatchObject([{ deliveredAt: null }, { deliveredAt: expect.any(Date), failedAt: null }]);
});

test('mail: notices that were added late to a failed digest go into the next one', async () => {
  const world = await openMailWorld();
  const early = await world.issue({ ask: MONTH });
  const late = await world.issue({ ask: { lifetimeMs: 47.5 * DAY_MS } });
  world.server.isDown = true;
  await world.mailAfter(15 * DAY_MS);
  for (let hour = 0; hour < 76; hour += 2) await world.mailAfter(2 * HOUR_MS);
  const notices = ({ keyId }: { keyId: string }) => world.prisma.notice.findMany({ where: { keyId } });
  expect(await notices(early)).toMatchObject([{ failedAt: expect.any(Date) }]);
  expect(await notices(late)).toMatchObject([{ failedAt: null, deliveredAt: null }]);
  expect(await world.prisma.digest.count()).toBe(2);
  world.server.isDown = false;
  for (let hour = 0; hour < 6; hour += 1) await world.mailAfter(HOUR_MS);
  expect(await notices(late)).toMatchObject([{ deliveredAt: expect.any(Date) }]);
});

test.for([
  { title: 'is killed', place: { at: 'COMMIT', when: 'BEFORE' }, signal: 'SIGKILL' },
  { title: 'stands still', place: { at: 1, when: 'BEFORE' }, signal: 'SIGSTOP' },
] as const)(
  'mail: if a node $title after the server accepted a mail, it is sent again under the same id',
  async ({ place, signal }) => {
    const world = await openMailWorld();
    const { keyId } = await world.issue({ ask: MONTH });
    await world.travel(15 * DAY_MS);
    await world.mailer.sendDue();
    world.clock.advance(5 * MINUTE_MS);
    const node = await startDirectedNode(world.database, world.clock.now(), { smtpUrl: world.server.url });
    const taken = Promise.withResolvers<void>();
    world.server.beforeReply = async () => {
      world.server.beforeReply = () => undefined;
      await node.direct({ action: 'ARM', place, signal });
      taken.resolve();
    };
    node.direct({ action: 'MAIL' }).catch(() => undefined);
    await taken.promise;
    if (signal === 'SIGKILL') expect(await node.gone).toBe('SIGKILL');

    // Until its lease is over the digest is that node's.
    await world.mailer.sendDue();
    expect(world.server.received).toHaveLength(1);
    await world.travel(5 * MINUTE_MS);
    await world.mailer.sendDue();
    const ids = world.server.received.map(({ parsed }) => parsed.messageId);
    const [digest] = await world.prisma.digest.findMany();
    expect(ids).toEqual([digest?.messageId, digest?.messageId]);
    const delivered = await world.prisma.notice.findMany({ where: { keyId } });
    expect(delivered).toMatchObject([{ deliveredAt: world.clock.now() }]);
    expect(digest).toMatchObject({ sentAt: world.clock.now(), tryAt: null, attemptCount: 2 });

    if (signal === 'SIGSTOP') {
      node.signal('SIGCONT');
      await node.direct({ action: 'MAIL' });
      expect(await world.prisma.digest.findMany()).toEqual([digest]);
      expect(await world.prisma.notice.findMany({ where: { keyId } })).toEqual(delivered);
      expect(world.server.received).toHaveLength(2);
    }
  },
);
