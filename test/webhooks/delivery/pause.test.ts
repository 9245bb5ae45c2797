import { expect, test } from 'vitest';
import { DAY_MS, SECOND_MS } from '../../../src/domain/duration.ts';
import { openReceiver } from '../../support/receiver.ts';
import { loopbackWebhooks, openWebhookWorld } from '../../support/webhook-world.ts';

test('webhook: a paused webhook gets nothing until it is resumed, then everything in order', async () => {
  const receiver = await openReceiver();
  const world = await openWebhookWorld(loopbackWebhooks([receiver.port]));
  const { id } = await world.webhook(receiver, { filter: { types: ['KEY_HELD', 'KEY_RESUMED'] } });
  const keyId = await world.key();
  receiver.respondWith(500);
  await world.hold(keyId);
  await world.settle();
  expect(receiver.received).toHaveLength(1);

  const reason = 'it moves to another machine';
  for (let times = 0; times < 2; times += 1)
    await world.mutate('pauseWebhook', { webhookId: id, reason }, 'webhook { state }');
  receiver.respondWith(204);
  await world.resume(keyId);
  await world.advance(2 * DAY_MS);
  expect(receiver.received).toHaveLength(1);
  expect(await world.row(id)).toMatchObject({ state: 'PAUSED', reason, dueAt: null, leaseToken: null });
  const paused = await world.gateway.prisma.event.findMany({ where: { type: 'WEBHOOK_PAUSED' } });
  expect(paused).toMatchObject([{ reason, actorKind: 'ACCOUNT', actorId: world.olga.id }]);

  await world.mutate('resumeWebhook', { webhookId: id }, 'webhook { id }');
  await world.advance(2 * SECOND_MS);
  expect(receiver.received.slice(1).map(({ body }) => body.type)).toEqual(['KEY_HELD', 'KEY_RESUMED']);
  expect(await world.row(id)).toMatchObject({ state: 'ACTIVE', reason: null });
});
