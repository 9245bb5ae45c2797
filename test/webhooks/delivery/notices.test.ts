import { expect, test } from 'vitest';
import { DAY_MS } from '../../../src/domain/duration.ts';
import { openReceiver } from '../../support/receiver.ts';
import { loopbackWebhooks, openWebhookWorld, type WebhookWorld } from '../../support/webhook-world.ts';

/** A key that was never used stops a year and 30 days after its issue. */
const UNUSED_DAYS = 395;

async function travel(world: WebhookWorld, days: number): Promise<void> {
  const { gateway } = world;
  for (let day = 0; day < days; day += 5) {
    await gateway.travel(Math.min(5, days - day) * DAY_MS);
    // The gateway's own reviewer may do the review.
    const due = { reviewAt: { lte: gateway.clock.now() } };
    await expect.poll(() => gateway.prisma.key.count({ where: due }), { timeout: 10_000 }).toBe(0);
    await world.settle();
  }
}

test('webhook: a notice that the receiver accepts is delivered, and the stop takes effect', async () => {
  const receiver = await openReceiver();
  const world = await openWebhookWorld(loopbackWebhooks([receiver.port]));
  await world.webhook(receiver, { filter: { types: ['KEY_EXPIRING'] } });
  const id = await world.key();
  await travel(world, UNUSED_DAYS - 2);
  const { prisma } = world.gateway;
  const notices = await prisma.notice.findMany({ where: { keyId: id } });
  expect(notices.length).toBeGreaterThan(1);
  for (const { isOwed, deliveredAt } of notices) expect([isOwed, deliveredAt !== null]).toEqual([true, true]);
  await travel(world, 5);
  expect(await prisma.key.findUniqueOrThrow({ where: { id } })).toMatchObject({ standing: 'HELD', movedOutAt: null });
});

test('webhook: a notice that no receiver accepts is undelivered, and a BY_USE stop is postponed once', async () => {
  const receiver = await openReceiver();
  const world = await openWebhookWorld(loopbackWebhooks([receiver.port]));
  await world.webhook(receiver, { filter: { types: ['KEY_EXPIRING'] } });
  receiver.respondWith(500);
  const id = await world.key();
  await travel(world, UNUSED_DAYS + 1);
  const { prisma } = world.gateway;
  const key = await prisma.key.findUniqueOrThrow({ where: { id } });
  expect(key).toMatchObject({ standing: 'WARNED', movedOutAt: expect.any(Date) });
  await travel(world, 32);
  const held = await prisma.key.findUniqueOrThrow({ where: { id } });
  expect(held).toMatchObject({ standing: 'HELD', movedOutAt: key.movedOutAt });
});

test('webhook: a webhook whose filter excludes notices owes none', async () => {
  const receiver = await openReceiver();
  const world = await openWebhookWorld(loopbackWebhooks([receiver.port]));
  await world.webhook(receiver, { filter: { types: ['KEY_ISSUED'] } });
  await world.webhook(receiver, { filter: { labels: [{ name: 'repo', value: 'other' }] } });
  const id = await world.key();
  await travel(world, UNUSED_DAYS - 2);
  const notices = await world.gateway.prisma.notice.findMany({ where: { keyId: id } });
  expect(notices.map(({ isOwed }) => isOwed)).toEqual(notices.map(() => false));
});
