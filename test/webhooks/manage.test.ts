import { Webhook as StandardWebhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/duration.ts';
import { ManualClock } from '../support/clock.ts';
import { mutationQuery } from '../support/mutation-query.ts';
import { openReceiver, type ReceivedRequest } from '../support/receiver.ts';
import { openRetentionOf } from '../support/retention.ts';
import { loopbackWebhooks, openWebhookWorld } from '../support/webhook-world.ts';

const held = { filter: { types: ['KEY_HELD'] } };

function isSignedBy(secret: string, { text, headers }: ReceivedRequest): boolean {
  try {
    return Boolean(new StandardWebhook(secret).verify(text, headers as Record<string, string>));
  } catch {
    return false;
  }
}

async function open(options: Parameters<typeof openWebhookWorld>[1] = {}) {
  const receiver = await openReceiver();
  return { receiver, world: await openWebhookWorld(loopbackWebhooks([receiver.port]), options) };
}

test('webhook: during a rotation requests are signed with the old and the new secret, afterwards with the new one only', async () => {
  const clock = new ManualClock(new Date());
  const { receiver, world } = await open({ clock });
  const { id, secret: old, publicKey } = await world.webhook(receiver, held);
  const rotated = await world.mutate(
    'rotateWebhookSecret',
    { webhookId: id, gracePeriod: 'PT2M', idempotencyKey: 'once' },
    'secret secretUnavailable previousRetiresAt webhook { secrets { generation publicKey retiresAt } }',
  );
  expect(rotated.webhook.secrets).toEqual([
    { generation: 2, publicKey: expect.stringMatching(/^whpk_.{44}$/), retiresAt: null },
    { generation: 1, publicKey, retiresAt: rotated.previousRetiresAt },
  ]);
  const keyId = await world.key();
  await world.hold(keyId);
  await world.settle();
  const [first] = receiver.received as [ReceivedRequest];
  expect(
    String(first.headers['webhook-signature'])
      .split(' ')
      .map((one) => one.split(',')[0]),
  ).toEqual(['v1', 'v1a', 'v1', 'v1a']);
  expect([isSignedBy(old, first), isSignedBy(rotated.secret, first)]).toEqual([true, true]);
  clock.advance(2 * 60 * SECOND_MS);
  await world.resume(keyId);
  await world.hold(keyId);
  await world.settle();
  const second = receiver.received[1]!;
  expect(String(second.headers['webhook-signature']).split(' ')).toHaveLength(2);
  expect([isSignedBy(old, second), isSignedBy(rotated.secret, second)]).toEqual([false, true]);

  // A repeat of the request returns the secret again for a day, unless the webhook has ended.
  const repeat = () =>
    world.mutate(
      'rotateWebhookSecret',
      { webhookId: id, gracePeriod: 'PT2M', idempotencyKey: 'once' },
      'secret secretUnavailable',
    );
  expect(await repeat()).toMatchObject({ secret: rotated.secret, secretUnavailable: false });
  await world.mutate('deleteWebhook', { webhookId: id }, 'webhook { state }');
  expect(await repeat()).toMatchObject({ secret: null, secretUnavailable: true });
  expect(await world.gateway.prisma.webhookSecret.count()).toBe(0);
});

test('webhook: a test event is sent to this webhook only, whatever its filter, and its attempts can be read', async () => {
  const { receiver, world } = await open();
  const other = await openReceiver();
  const { id } = await world.webhook(receiver, {
    filter: { types: ['KEY_HELD'], labels: [{ name: 'a', value: 'b' }] },
  });
  await world.webhook({ url: receiver.url.replace('hook', 'other') });
  await world.settle();
  receiver.received.length = 0;
  await world.mutate('testWebhook', { webhookId: id }, 'webhook { id }');
  await world.settle();
  const hooked = receiver.received.filter(({ path }) => path === '/hook');
  expect(hooked.map(({ body }) => [body.type, body.data['data']])).toEqual([['WEBHOOK_TESTED', { webhookId: id }]]);
  expect(other.connectionCount()).toBe(0);
  const query = `query ($id: ID!) { node(id: $id) { ... on Webhook { cursor attempts(first: 1) { edges { node {
    status error duration event { type } } } pageInfo { hasNextPage } } } } }`;
  const { data } = await world.gateway.ask(query, { id }, world.olga.token);
  expect(data['node'].attempts).toEqual({
    edges: [{ node: { status: 204, error: null, duration: expect.any(String), event: { type: 'WEBHOOK_TESTED' } } }],
    pageInfo: { hasNextPage: false },
  });
});

test('webhook: it gets the events that its filter matches by type, key and label, and skips others', async () => {
  const { receiver, world } = await open();
  const [mine, labelled] = [await world.key(), await world.key()];
  await world.mutate('updateKey', { keyId: labelled, labels: [{ name: 'env', value: 'live' }] }, 'key { id }');
  const on = (path: string) => ({ url: receiver.url.replace('/hook', path) });
  const byType = await world.webhook(on('/type'), { filter: { types: ['KEY_HELD', 'KEY_REVOKED'] } });
  await world.webhook(on('/key'), { filter: { keyIds: [mine] } });
  await world.webhook(on('/label'), { filter: { types: ['KEY_RESUMED'], labels: [{ name: 'env', value: 'live' }] } });
  await world.settle();
  receiver.received.length = 0;
  for (const keyId of [mine, labelled]) {
    await world.hold(keyId);
    await world.resume(keyId);
  }
  await world.settle();
  const got = (path: string) =>
    receiver.received.filter((one) => one.path === path).map(({ body }) => [body.type, body.data['keyId']]);
  expect(got('/type')).toEqual([
    ['KEY_HELD', mine],
    ['KEY_HELD', labelled],
  ]);
  expect(got('/key')).toEqual([
    ['KEY_HELD', mine],
    ['KEY_RESUMED', mine],
  ]);
  expect(got('/label')).toEqual([['KEY_RESUMED', labelled]]);

  // After an update it uses the new URL and filter.
  await world.mutate('updateWebhook', { webhookId: byType.id, ...on('/moved'), filter: {} }, 'webhook { url types }');
  await world.hold(mine);
  await world.settle();
  expect(got('/moved').filter(([, keyId]) => keyId !== null)).toEqual([['KEY_HELD', mine]]);
  expect(got('/moved').map(([type]) => type)).toContain('WEBHOOK_UPDATED');
  // The cursor of a webhook without matching events follows the log.
  await world.advance(2 * MINUTE_MS);
  const head = (await world.gateway.prisma.logHead.findFirstOrThrow()).position;
  const rows = await world.gateway.prisma.webhook.findMany();
  expect(rows.map(({ position }) => position)).toEqual([head, head, head]);
});

test('webhook: a replay sends all events after a cursor again with the same ids; a cursor ahead is refused', async () => {
  const { receiver, world } = await open();
  const { id } = await world.webhook(receiver, held);
  const keys = [await world.key(), await world.key(), await world.key()];
  for (const keyId of keys) await world.hold(keyId);
  await world.settle();
  const after = receiver.received[0]!.body.data['cursor'];
  await world.mutate('replayWebhook', { webhookId: id, after }, 'webhook { id }');
  await world.advance(2 * SECOND_MS);
  const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(ids).toEqual([ids[0], ids[1], ids[2], ids[1], ids[2]]);
  const ahead = Buffer.from('1:999999').toString('base64url');
  const query = mutationQuery('replayWebhook', 'webhook { id }');
  const { errors } = await world.gateway.ask(query, { input: { webhookId: id, after: ahead } }, world.olga.token);
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', path: ['input', 'after'] });
});

test('webhook: it can start at an earlier cursor', async () => {
  const { receiver, world } = await open();
  await world.hold(await world.key());
  await world.webhook(receiver, { ...held, after: Buffer.from('1:0').toString('base64url') });
  await world.settle();
  expect(receiver.received.map(({ body }) => body.type)).toEqual(['KEY_HELD']);
});

test('webhook: nothing is sent for a disabled account; an organization’s webhook goes on without its creator', async () => {
  const { receiver, world } = await open();
  const { gateway, olga } = world;
  const { organization } = await world.mutate('createOrganization', { name: 'Acme' }, 'organization { id }');
  const friend = await gateway.person('Ann');
  const member = { organizationId: organization.id, accountId: friend.id, role: 'OWNER' };
  await world.mutate('setMember', member, 'organization { id }');
  await world.mutate('setMember', member, 'organization { id }', friend.token);
  const on = (path: string) => ({ url: receiver.url.replace('/hook', path) });
  await world.webhook(on('/own'), held);
  await world.webhook(on('/acme'), { ...held, owner: organization.id });
  const own = await world.key();
  const scopes = [{ action: 'package:push', resource: 'Acme.*' }];
  const ofAcme = { realm: 'default', name: 'release', scopes, owner: organization.id };
  const { key } = await world.mutate('issueKey', ofAcme, 'key { id }');
  await world.settle();
  const admin = await gateway.admin();
  await world.mutate('disableAccount', { accountId: olga.id, reason: 'left' }, 'account { id }', admin);
  await world.mutate('holdKey', { keyId: own, reason: 'looked at' }, 'key { id }', admin);
  await world.mutate('holdKey', { keyId: key.id, reason: 'looked at' }, 'key { id }', friend.token);
  await world.advance(2 * MINUTE_MS);
  expect(receiver.received.map(({ path }) => path)).toEqual(['/acme']);
});

test('webhook: attempts and ended webhooks are retained for 30 days', async () => {
  const { receiver, world } = await open();
  const { id } = await world.webhook(receiver, held);
  await world.hold(await world.key());
  await world.settle();
  const { prisma, clock } = world.gateway;
  const job = await openRetentionOf(world.gateway);
  const counts = async () => {
    await job.deleteExpired();
    return [await prisma.webhookAttempt.count(), await prisma.webhook.count()];
  };
  clock.advance(29 * DAY_MS);
  expect(await counts()).toEqual([1, 1]);
  await world.mutate('deleteWebhook', { webhookId: id, reason: 'moved' }, 'webhook { state reason }');
  clock.advance(2 * DAY_MS);
  expect(await counts()).toEqual([0, 1]);
  clock.advance(29 * DAY_MS);
  expect(await counts()).toEqual([0, 0]);
});

test('webhook: an owner may have at most 50', async () => {
  const { receiver, world } = await open();
  for (let count = 0; count < 50; count += 1) await world.webhook(receiver, held);
  await expect(world.webhook(receiver, held)).rejects.toThrow('TOO_MANY_WEBHOOKS');
});

test('webhook: metrics show outcomes and the largest lag, and no log line contains a URL', async () => {
  const { receiver, world } = await open();
  receiver.respondWith(500);
  const url = `${receiver.url}/a-path-that-is-secret?token=hush`;
  await world.webhook({ url }, held);
  await world.hold(await world.key());
  await world.settle();
  world.gateway.clock.advance(2 * SECOND_MS);
  await world.settle();
  const text = await (await fetch(`${world.gateway.url}/metrics`)).text();
  expect(text).toContain('keytide_webhook_attempts_total{outcome="FAILED"} 1\n');
  expect(text).toMatch(/keytide_webhook_lag_seconds 2\n/);
  expect(text).not.toContain('hush');
  expect(world.gateway.logged.join('')).not.toMatch(/hush|a-path-that-is-secret/);
});
