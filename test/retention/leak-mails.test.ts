import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { respondToLeaks } from '../../src/keys/respond-to-leaks.ts';
import { openMailWorld, type MailWorld } from '../support/mail-world.ts';
import { openRetention } from '../support/retention.ts';

async function leak(world: MailWorld, name: string): Promise<void> {
  const { keyId } = await world.issue({ name });
  const { id: secretId } = await world.prisma.secret.findFirstOrThrow({ where: { keyId } });
  await respondToLeaks(world, [{ secretId, keyId, reportedBy: 'github', url: null, foundIn: null }]);
  await world.mailer.sendDue();
}

test('retention: a leak is mailed once, ever: later mails do not repeat it after its digest is 30 days old', async () => {
  const world = await openMailWorld();
  const job = await openRetention(world);
  const namesOf = (text = '') => ['first', 'second', 'third'].filter((name) => text.includes(`${name} (owner`));
  for (const name of ['first', 'second', 'third']) {
    await leak(world, name);
    world.clock.advance(31 * DAY_MS);
    await job.deleteExpired();
    await world.mailer.sendDue();
  }
  expect(world.server.received.map(({ parsed }) => namesOf(parsed.text))).toEqual([['first'], ['second'], ['third']]);
});

test('retention: a digest of notices does not repeat a leak that was mailed more than 30 days ago', async () => {
  const world = await openMailWorld();
  const job = await openRetention(world);
  await world.issue({ name: 'second', ask: { lifetimeMs: 40 * DAY_MS } });
  await leak(world, 'first');
  for (let day = 0; day < 35; day += 1) {
    await world.travel(DAY_MS);
    await job.deleteExpired();
    await world.mailer.sendDue();
  }
  const texts = world.server.received.map(({ parsed }) => parsed.text ?? '');
  expect(texts.filter((text) => text.includes('first'))).toHaveLength(1);
  expect(texts.filter((text) => text.includes('second') && !text.includes('first')).length).toBeGreaterThan(0);
});

test('retention: a leak that failed for one recipient does not go again to one that got it 30 days ago', async () => {
  const world = await openMailWorld();
  const job = await openRetention(world);
  await leak(world, 'first');
  world.clock.advance(31 * DAY_MS);
  await job.deleteExpired();
  // As after an outage of mail: another digest with the leak fails only now, and the leak goes on to others.
  const { secretId } = await world.prisma.leak.findFirstOrThrow();
  await world.prisma.leak.update({ where: { secretId }, data: { mailAt: world.clock.now() } });
  await world.mailer.sendDue();
  expect(world.recipients()).toEqual([await world.emailOf(world.owner.id), await world.emailOf(world.admin.id)]);
});
