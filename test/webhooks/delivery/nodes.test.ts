import { expect, test } from 'vitest';
import { MINUTE_MS } from '../../../src/domain/duration.ts';
import { startDirectedNode } from '../../support/direct-node.ts';
import { openGateway } from '../../support/gateway.ts';
import { openInterceptedStore } from '../../support/intercepted-store.ts';
import { freshDatabase } from '../../support/database.ts';
import { openReceiver, type Receiver } from '../../support/receiver.ts';
import { loopbackWebhooks, openWebhookWorld, webhookWorldOn } from '../../support/webhook-world.ts';
import { waitFor } from '../../support/wait-for.ts';

const chosen = { filter: { types: ['KEY_HELD', 'KEY_RESUMED'] } };
const idsOf = ({ received }: Receiver) => received.map(({ headers }) => headers['webhook-id']);

test(
  'webhook: if a node is killed between the receiver’s 200 and its commit, another node sends the event again with the same id',
  { timeout: 180_000 },
  async () => {
    const receiver = await openReceiver();
    // This node runs the mutations; the others send.
    const world = await openWebhookWorld(loopbackWebhooks([receiver.port]), { isClockTrusted: () => false });
    const { gateway } = world;
    const { id } = await world.webhook(receiver, chosen);
    const keyId = await world.key();
    const first = await startDirectedNode(gateway.database, gateway.clock.now(), { receiver });
    await waitFor(async () => expect((await world.row(id)).dueAt).toBeNull());
    await first.direct({ action: 'ARM', place: { at: 'COMMIT', when: 'BEFORE' }, signal: 'SIGKILL' });
    const before = (await world.row(id)).position;
    await world.hold(keyId);
    expect(await first.gone).toBe('SIGKILL');
    expect(receiver.received.map(({ body }) => body.type)).toEqual(['KEY_HELD']);
    expect((await world.row(id)).position).toBe(before);
    expect(await gateway.prisma.webhookAttempt.count()).toBe(0);
    await world.resume(keyId);

    gateway.clock.advance(MINUTE_MS);
    await startDirectedNode(gateway.database, gateway.clock.now(), { receiver });
    await waitFor(() => expect(receiver.received).toHaveLength(3));
    expect(receiver.received.map(({ body }) => body.type)).toEqual(['KEY_HELD', 'KEY_HELD', 'KEY_RESUMED']);
    expect(idsOf(receiver)[1]).toBe(idsOf(receiver)[0]);
    expect(receiver.received[1]!.text).toBe(receiver.received[0]!.text);
  },
);

test('webhook: two nodes share the work, and each event is sent once', async () => {
  const receiver = await openReceiver();
  const webhooks = loopbackWebhooks([receiver.port]);
  const near = await openWebhookWorld(webhooks);
  const { database, clock } = near.gateway;
  const far = webhookWorldOn(await openGateway({ database, clock, webhooks }), near.olga);
  const ids = [];
  for (let index = 0; index < 12; index += 1) {
    ids.push((await near.webhook({ url: `${receiver.url}?${index}` }, chosen)).id);
  }
  const keys = [await near.key(), await near.key(), await near.key()];
  for (const keyId of keys) await near.hold(keyId);
  await Promise.all(keys.map((keyId, index) => (index === 1 ? far : near).resume(keyId)));
  await waitFor(async () => {
    await Promise.all([near.settle(), far.settle()]);
    expect(receiver.received.length).toBeGreaterThanOrEqual(12 * 6);
  });
  expect(receiver.received).toHaveLength(12 * 6);
  const attempts = await near.gateway.prisma.webhookAttempt.groupBy({ by: ['webhookId', 'position'], _count: true });
  expect(attempts).toHaveLength(12 * 6);
  for (const id of ids) expect(await near.row(id)).toMatchObject({ failuresInRow: 0, leaseToken: null });
});

test('webhook: a node that stalls past its lease cannot store anything', async () => {
  const receiver = await openReceiver();
  const webhooks = loopbackWebhooks([receiver.port]);
  const database = await freshDatabase();
  const store = openInterceptedStore(database);
  const slow = await openWebhookWorld(webhooks, { database, store });
  const { clock } = slow.gateway;
  const { id } = await slow.webhook(receiver, chosen);
  await slow.settle();
  // The node has posted the event, and stalls before it stores the outcome.
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const stop = store.intercept('Webhook.updateMany', async (run) => {
    stop();
    reached.resolve();
    await released.promise;
    return run();
  });
  const keyId = await slow.key();
  await slow.hold(keyId);
  await reached.promise;
  expect(receiver.received).toHaveLength(1);

  const other = await openGateway({ database, clock, webhooks });
  const far = webhookWorldOn(other, slow.olga);
  // The other node has the webhook, and is in the middle of it, when this one goes on.
  const answers = Promise.withResolvers<void>();
  receiver.respondWith((response) => void answers.promise.then(() => response.writeHead(204).end()));
  await far.settle();
  clock.advance(MINUTE_MS);
  await waitFor(() => expect(receiver.received).toHaveLength(2));
  const during = await far.row(id);
  released.resolve();
  await slow.settle();
  expect(await far.row(id)).toEqual(during);
  expect(await other.prisma.webhookAttempt.count({ where: { webhookId: id } })).toBe(0);
  answers.resolve();
  await far.settle();
  expect(await other.prisma.webhookAttempt.count({ where: { webhookId: id } })).toBe(1);
  expect(await far.row(id)).toMatchObject({ leaseToken: null, failuresInRow: 0 });
  await far.resume(keyId);
  await Promise.all([far.settle(), slow.settle()]);
  await waitFor(() => expect(receiver.received).toHaveLength(3));
  expect(idsOf(receiver)[1]).toBe(idsOf(receiver)[0]);
  expect(receiver.received[2]!.body.type).toBe('KEY_RESUMED');
});

test('webhook: a receiver that never answers does not delay 33 others', { timeout: 180_000 }, async () => {
  const [dead, good] = [await openReceiver(), await openReceiver()];
  dead.respondWith(() => undefined);
  const world = await openWebhookWorld(loopbackWebhooks([dead.port, good.port], { limitMs: 60_000 }));
  const owners = [world.olga.id];
  for (const name of ['one', 'two']) {
    owners.push((await world.mutate('createOrganization', { name }, 'organization { id }')).organization.id);
  }
  await world.webhook(dead, chosen);
  for (let index = 0; index < 33; index += 1) {
    await world.webhook({ url: `${good.url}/${index}` }, { ...chosen, owner: owners[index % 3] });
  }
  for (const owner of owners) {
    const scopes = [{ action: 'package:push', resource: 'Acme.*' }];
    for (let count = 0; count < 3; count += 1) {
      const input = { realm: 'default', name: 'release', scopes, owner };
      const { key } = await world.mutate('issueKey', input, 'key { id }');
      await world.hold(key.id);
      await world.resume(key.id);
    }
  }
  await waitFor(() => expect(good.received).toHaveLength(33 * 6));
  // It still waits for the first.
  expect(dead.received).toHaveLength(1);
  expect(await world.gateway.prisma.webhookAttempt.count({ where: { error: { not: null } } })).toBe(0);
  await dead.close();
});

test('webhook: slow receivers get only a part of the concurrent runs', { timeout: 180_000 }, async () => {
  const [slow, good] = [await openReceiver(), await openReceiver()];
  slow.respondWith(500);
  const world = await openWebhookWorld(loopbackWebhooks([slow.port, good.port], { limitMs: 60_000 }));
  for (let index = 0; index < 30; index += 1) await world.webhook({ url: `${slow.url}/${index}` }, chosen);
  await world.webhook(good, chosen);
  const keyId = await world.key();
  await world.hold(keyId);
  await world.settle();
  expect(slow.received).toHaveLength(30);
  // From now on they keep whoever asks waiting.
  slow.respondWith(() => undefined);
  world.gateway.clock.advance(10_000);
  await waitFor(() => expect(slow.received.length).toBeGreaterThanOrEqual(34));
  for (let count = 0; count < 3; count += 1) {
    await world.resume(keyId);
    await world.hold(keyId);
  }
  await waitFor(() => expect(good.received).toHaveLength(7));
  expect(slow.received).toHaveLength(34);
  await slow.close();
});
