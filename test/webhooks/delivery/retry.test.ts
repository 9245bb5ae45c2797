import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/domain/duration.ts';
import { retryDelaysMs } from '../../../src/domain/retry.ts';
import { openReceiver, type ReceivedRequest } from '../../support/receiver.ts';
import { loopbackWebhooks, openWebhookWorld, type WebhookWorld } from '../../support/webhook-world.ts';

const chosen = { filter: { types: ['KEY_HELD', 'KEY_RESUMED'] } };
const idsOf = (received: readonly ReceivedRequest[]) => received.map(({ headers }) => headers['webhook-id']);
const keysOf = (received: readonly ReceivedRequest[]) => received.map(({ body }) => body.data['keyId']);

async function eventTypes({ gateway }: WebhookWorld): Promise<string[]> {
  const events = await gateway.prisma.event.findMany({
    where: { type: { startsWith: 'WEBHOOK_' } },
    orderBy: { position: 'asc' },
  });
  return events.map(({ type }) => type);
}

test('webhook: a dead receiver is tried ten times over 76 hours with one id, then the webhook is paused and can be resumed', async () => {
  const receiver = await openReceiver();
  receiver.respondWith(500);
  const world = await openWebhookWorld(loopbackWebhooks([receiver.port]));
  const { id } = await world.webhook(receiver, chosen);
  const keyId = await world.key();
  const startedAt = world.gateway.clock.now().getTime();
  await world.hold(keyId);
  await world.resume(keyId);
  await world.advance(76 * HOUR_MS);
  // With jitter the last attempt may be later.
  await world.advance(8 * HOUR_MS);
  expect(receiver.received).toHaveLength(10);
  expect(new Set(idsOf(receiver.received)).size).toBe(1);
  const attempts = await world.gateway.prisma.webhookAttempt.findMany({
    where: { webhookId: id },
    orderBy: { at: 'asc' },
  });
  const waits = attempts.slice(1).map(({ at }, index) => at.getTime() - attempts[index]!.at.getTime());
  waits.forEach((wait, index) => {
    const delay = retryDelaysMs[index]!;
    expect(wait).toBeGreaterThanOrEqual(delay);
    expect(wait).toBeLessThanOrEqual(delay * 1.1 + 2 * SECOND_MS);
  });
  expect(attempts[0]!.at.getTime()).toBe(startedAt);
  expect(attempts.every(({ status, error }) => status === 500 && error === 'The receiver answered 500.')).toBe(true);
  // No two webhooks that failed together come back together.
  expect(waits.some((wait, index) => wait > retryDelaysMs[index]! + 2 * SECOND_MS)).toBe(true);
  expect(await world.row(id)).toMatchObject({
    state: 'PAUSED',
    reason: 'Nothing was delivered for about three days. The last attempt: The receiver answered 500.',
    leaseToken: null,
  });
  expect(await eventTypes(world)).toEqual(['WEBHOOK_CREATED', 'WEBHOOK_PAUSED']);

  await world.advance(30 * DAY_MS);
  expect(receiver.received).toHaveLength(10);
  receiver.respondWith(204);
  await world.mutate('resumeWebhook', { webhookId: id }, 'webhook { state reason }');
  await world.advance(2 * SECOND_MS);
  expect(receiver.received.slice(10).map(({ body }) => body.type)).toEqual(['KEY_HELD', 'KEY_RESUMED']);
  expect(await world.row(id)).toMatchObject({ state: 'ACTIVE', failuresInRow: 0, dueAt: null });
  expect(await world.gateway.prisma.webhookDelivery.count()).toBe(0);
});

test('webhook: a failing event blocks later events of its key only, and is parked at the end', async () => {
  const receiver = await openReceiver();
  const world = await openWebhookWorld(loopbackWebhooks([receiver.port]));
  const { id } = await world.webhook(receiver, chosen);
  const [poisoned, good] = [await world.key(), await world.key()];
  receiver.respondWith((response, { body }) => response.writeHead(body.data['keyId'] === poisoned ? 422 : 200).end());
  await world.hold(poisoned);
  await world.resume(poisoned);
  await world.hold(good);
  await world.resume(good);
  await world.settle();
  expect(keysOf(receiver.received)).toEqual([poisoned, good, good]);
  const query =
    'query ($id: ID!) { node(id: $id) { ... on Webhook { waiting { edges { node { attemptCount event { type } } } } parked { edges { node { since } } } } } }';
  const ask = async () =>
    (await world.gateway.ask(query, { id }, await world.gateway.session(world.olga.id))).data['node'];
  expect((await ask()).waiting.edges.map(({ node }: any) => node)).toEqual(
    expect.arrayContaining([
      { attemptCount: 1, event: { type: 'KEY_HELD' } },
      { attemptCount: 0, event: { type: 'KEY_RESUMED' } },
    ]),
  );

  // Only this event fails to the end: it is parked, and the events behind it are sent.
  await world.advance(40 * HOUR_MS);
  await world.hold(good);
  await world.advance(48 * HOUR_MS);
  expect(
    receiver.received.filter(({ body }) => body.type === 'KEY_HELD' && body.data['keyId'] === poisoned),
  ).toHaveLength(10);
  expect(
    receiver.received.filter(({ body }) => body.type === 'KEY_RESUMED' && body.data['keyId'] === poisoned).length,
  ).toBeGreaterThan(0);
  expect((await ask()).parked.edges).toHaveLength(1);
  expect(await world.row(id)).toMatchObject({ state: 'ACTIVE' });
  const parked = await world.gateway.prisma.event.findFirstOrThrow({ where: { type: 'WEBHOOK_PARKED' } });
  expect(parked).toMatchObject({
    ownerId: world.olga.id,
    reason: 'The receiver answered 422.',
    data: { webhookId: id, eventType: 'KEY_HELD', eventId: idsOf(receiver.received)[0] },
  });

  // Replayed, it comes with the id that it had.
  receiver.respondWith(200);
  const before = receiver.received.length;
  await world.mutate('replayWebhook', { webhookId: id }, 'webhook { id }');
  await world.advance(10 * SECOND_MS);
  expect(idsOf(receiver.received.slice(before))).toContain(idsOf(receiver.received)[0]);
  expect((await ask()).parked.edges).toEqual([]);
});

test('webhook: after different events fail in a row the whole webhook backs off; one delivery releases the rest, in order per key', async () => {
  const receiver = await openReceiver();
  receiver.respondWith(503);
  const world = await openWebhookWorld(loopbackWebhooks([receiver.port]));
  const { id } = await world.webhook(receiver, chosen);
  const keys = [];
  for (let index = 0; index < 6; index += 1) keys.push(await world.key());
  for (const keyId of keys) await world.hold(keyId);
  for (const keyId of keys) await world.resume(keyId);
  await world.settle();
  expect(keysOf(receiver.received)).toEqual(keys.slice(0, 3));
  expect(await world.row(id)).toMatchObject({ failuresInRow: 3, leaseToken: null });
  // Each probe is one request.
  await world.advance(8 * SECOND_MS);
  expect(receiver.received).toHaveLength(4);
  await world.advance(6 * MINUTE_MS);
  expect(receiver.received).toHaveLength(5);
  receiver.respondWith(200);
  const before = receiver.received.length;
  await world.advance(HOUR_MS);
  const got = receiver.received.slice(before);
  expect(got).toHaveLength(12);
  for (const keyId of keys) {
    const types = got.filter(({ body }) => body.data['keyId'] === keyId).map(({ body }) => body.type);
    expect(types).toEqual(['KEY_HELD', 'KEY_RESUMED']);
  }
  expect(await world.row(id)).toMatchObject({ failuresInRow: 0, nextAttemptAt: null, dueAt: null });
});

test('webhook: a receiver that fails for different events is paused too', async () => {
  const receiver = await openReceiver();
  receiver.respondWith(500);
  const world = await openWebhookWorld(loopbackWebhooks([receiver.port]));
  const { id } = await world.webhook(receiver, chosen);
  for (let index = 0; index < 5; index += 1) await world.hold(await world.key());
  await world.advance(84 * HOUR_MS);
  expect(await world.row(id)).toMatchObject({ state: 'PAUSED' });
  expect(receiver.received).toHaveLength(12);
  receiver.respondWith(200);
  await world.mutate('resumeWebhook', { webhookId: id }, 'webhook { id }');
  await world.advance(2 * SECOND_MS);
  expect(new Set(keysOf(receiver.received.slice(12))).size).toBe(5);
});

test('webhook: a 410 ends the webhook for good and deletes its secrets', async () => {
  const receiver = await openReceiver();
  receiver.respondWith(410);
  const world = await openWebhookWorld(loopbackWebhooks([receiver.port]));
  const { id } = await world.webhook(receiver, chosen);
  await world.hold(await world.key());
  await world.hold(await world.key());
  await world.advance(DAY_MS);
  expect(receiver.received).toHaveLength(1);
  expect(await world.row(id)).toMatchObject({ state: 'ENDED', reason: 'The receiver answered 410 (Gone).' });
  expect(await world.gateway.prisma.webhookSecret.count()).toBe(0);
  expect(await eventTypes(world)).toEqual(['WEBHOOK_CREATED', 'WEBHOOK_ENDED']);
});

test('webhook: a redirect is not followed and counts as a failure', async () => {
  const [receiver, other] = [await openReceiver(), await openReceiver()];
  receiver.respondWith((response) => response.writeHead(307, { location: other.url }).end());
  const world = await openWebhookWorld(loopbackWebhooks([receiver.port, other.port]));
  const { id } = await world.webhook(receiver, chosen);
  await world.hold(await world.key());
  await world.settle();
  expect(other.connectionCount()).toBe(0);
  expect(await world.gateway.prisma.webhookAttempt.findFirstOrThrow({ where: { webhookId: id } })).toMatchObject({
    status: 307,
    error: 'The receiver answered 307.',
  });
});

test.each([
  ['120', 2 * MINUTE_MS],
  ['1000000', DAY_MS],
  ['0', 5 * SECOND_MS],
  ['soon', 5 * SECOND_MS],
])('webhook: with Retry-After %s the next attempt comes after %s ms', async (retryAfter, waitMs) => {
  const receiver = await openReceiver();
  receiver.respondWith((response) => response.writeHead(429, { 'retry-after': retryAfter }).end());
  const world = await openWebhookWorld(loopbackWebhooks([receiver.port]));
  await world.webhook(receiver, chosen);
  await world.hold(await world.key());
  await world.settle();
  receiver.respondWith(200);
  await world.advance(waitMs - SECOND_MS);
  expect(receiver.received).toHaveLength(1);
  await world.advance(waitMs * 0.1 + 3 * SECOND_MS);
  expect(receiver.received).toHaveLength(2);
});
