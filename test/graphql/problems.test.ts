import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { newId } from '../../src/domain/id.ts';
import { addMs } from '../../src/domain/key.ts';
import { countStatements } from '../support/count-statements.ts';
import { ROTATE_KEY } from '../support/operations.ts';
import { openTown, type Town } from '../support/town.ts';

const PROBLEMS = `query ($limit: Int, $kinds: [ProblemKind!]) {
  problems(limit: $limit, kinds: $kinds) {
    kind since key { id name secrets { start } } webhook { id url secrets { generation } } binding { id realm { slug } } brake { id binding { id } }
  }
}`;

const HOOK = 'https://hooks.example:1/';

async function newWebhook({ gateway }: Town, token: string, owner: string): Promise<string> {
  const create =
    'mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { ... on CreateWebhookSuccess { webhook { id } } } }';
  const { data } = await gateway.ask(create, { input: { owner, url: HOOK } }, token);
  return data['createWebhook'].webhook.id;
}

/** A town in which everything goes wrong: for Olga, for Acme, and in the realm. */
async function openTroubledTown() {
  // The node mends nothing meanwhile.
  const town = await openTown({ isClockTrusted: () => false });
  const { gateway, olga, ann, acme, realm, admin } = town;
  const { prisma, clock, services } = gateway;
  const now = clock.now();
  const { id: unnoticed } = await town.issue(olga.token, { name: 'unnoticed', lifetime: 'P30D' });
  const { stopsAt } = await prisma.key.findUniqueOrThrow({ where: { id: unnoticed } });
  const notice = { keyId: unnoticed, thresholdMs: BigInt(DAY_MS), givenAt: now };
  await prisma.notice.create({ data: { ...notice, stopsAt: stopsAt!, failedAt: addMs(now, -3) } });
  // One that was delivered, and one of a stop that is over.
  const { id: noticed } = await town.issue(olga.token);
  const delivered = { keyId: noticed, failedAt: now, deliveredAt: now, stopsAt: addMs(now, DAY_MS) };
  await prisma.notice.create({ data: { ...notice, ...delivered } });
  await prisma.notice.create({ data: { ...notice, keyId: noticed, failedAt: now, stopsAt: now } });
  const { id: stalled } = await town.issue(ann.token, { owner: acme, name: 'stalled' });
  await gateway.ask(ROTATE_KEY, { input: { keyId: stalled } }, ann.token);
  await prisma.key.update({
    where: { id: stalled },
    data: { rotationExtended: true, rotationStartedAt: addMs(now, -5) },
  });
  const paused = await newWebhook(town, ann.token, acme);
  await newWebhook(town, ann.token, acme);
  await prisma.webhook.update({
    where: { id: paused },
    data: { state: 'PAUSED', reason: 'off', changedAt: addMs(now, -2) },
  });
  const { id: bindingId, hash } = await prisma.binding.findFirstOrThrow({ where: { realmId: realm } });
  const fault = { kind: 'THROWS', message: 'x is undefined', keyCount: 1 };
  const broken = { health: 'BROKEN', fault, brokenAt: addMs(now, -4), retryAt: now } as const;
  await prisma.binding.update({ where: { id: bindingId }, data: broken });
  const brakeId = newId('brake', now, services.random);
  await prisma.brake.create({
    data: { id: brakeId, realmId: realm, bindingId, hash, revision: 1, state: 'ENGAGED', engagedAt: addMs(now, -1) },
  });
  await services.follower.catchUp();
  return { town, unnoticed, stalled, paused, bindingId, brakeId, admin };
}

test('problems: each caller gets those that it may see, newest first', async () => {
  const { town, unnoticed, stalled, paused, bindingId, brakeId } = await openTroubledTown();
  const { gateway, admin, olga, ann, mia, eve } = town;
  const { secret } = await town.issue(olga.token);
  const managing = { owner: town.acme, scopes: [{ action: 'keytide:manage', resource: '**' }] };
  const manager = await town.issue(admin.token, managing);
  const read = async (credential: string, variables: object = {}) => {
    const { data, errors } = await gateway.ask(PROBLEMS, variables, credential);
    expect(errors).toBeUndefined();
    return data['problems'].map(({ kind, key, webhook, binding, brake }: any) => {
      const about = [key, webhook, binding, brake].filter((one) => one !== null);
      expect(about).toHaveLength(1);
      return [kind, about[0].id];
    });
  };
  const brake = ['BRAKE_ENGAGED', brakeId];
  const webhook = ['WEBHOOK_PAUSED', paused];
  const notice = ['NOTICE_NOT_DELIVERED', unnoticed];
  const binding = ['POLICY_BROKEN', bindingId];
  const rotation = ['ROTATION_STALLED', stalled];
  expect(await read(admin.token)).toEqual([brake, webhook, notice, binding, rotation]);
  expect(await read(olga.token)).toEqual([brake, notice, binding]);
  expect(await read(ann.token)).toEqual([brake, webhook, binding, rotation]);
  expect(await read(mia.token)).toEqual([brake, binding, rotation]);
  expect(await read(eve.token)).toEqual([brake, binding]);
  expect(await read(secret)).toEqual([brake, binding]);
  expect(await read(manager.secret)).toEqual([]);
  expect(await read(admin.token, { limit: 2 })).toEqual([brake, webhook]);
  expect(await read(admin.token, { kinds: ['POLICY_BROKEN', 'ROTATION_STALLED'] })).toEqual([binding, rotation]);
  const { errors } = await gateway.ask(PROBLEMS, { limit: 101 }, admin.token);
  expect(errors).toMatchObject([{ message: 'limit: found 101; expected 1 to 100.' }]);
});

test('problems: take one statement for each kind, and one for each type that they are about', async () => {
  const { town } = await openTroubledTown();
  const { gateway, admin } = town;
  await gateway.services.follower.stop();
  const query = '{ problems { kind since key { id } webhook { id } binding { id } brake { id } } }';
  const { statements } = await countStatements(() => gateway.ask(query, {}, admin.token));
  const tables = statements.flatMap((text) => /^SELECT.*?"public"\."(Notice|Webhook|Brake|Key)"/.exec(text)?.[1] ?? []);
  // Each kind, then the keys, the webhook and the brake. Bindings are read by reviews too.
  expect(tables.toSorted()).toEqual(['Brake', 'Brake', 'Key', 'Key', 'Notice', 'Webhook', 'Webhook']);
});

test('leaks: administrators see all of them, newest first, and nobody else any', async () => {
  const town = await openTown();
  const { gateway, olga, ann, admin, acme } = town;
  const { prisma, clock } = gateway;
  const ids: string[] = [];
  for (const [index, realm] of ['default', 'other', 'default'].entries()) {
    const { id } = await town.issue(ann.token, { realm, owner: acme });
    const { id: secretId } = await prisma.secret.findFirstOrThrow({ where: { keyId: id } });
    const leak = { ownerId: acme, reportedBy: 'github', url: 'https://code.example/a', foundIn: 'content' };
    const reportedAt = addMs(clock.now(), -index);
    await prisma.leak.create({ data: { ...leak, secretId, reportedAt, outcome: 'HELD' } });
    ids.push(id);
  }
  const LEAKS = `query ($first: Int, $after: String, $realm: String) { leaks(first: $first, after: $after, realm: $realm) {
    edges { cursor node { key { id } secret { start } reportedBy url foundIn reportedAt outcome } } pageInfo { hasNextPage endCursor } } }`;
  const list = async (token: string, variables: object = {}) => {
    const { data, errors } = await gateway.ask(LEAKS, variables, token);
    expect(errors).toBeUndefined();
    return data['leaks'];
  };
  const keysOf = (leaks: any) => leaks.edges.map(({ node }: any) => node.key.id);
  const first = await list(admin.token, { first: 2 });
  expect(keysOf(first)).toEqual([ids[0], ids[1]]);
  expect(first.edges[0].node).toMatchObject({ reportedBy: 'github', foundIn: 'content', outcome: 'HELD' });
  expect(first.pageInfo.hasNextPage).toBe(true);
  expect(keysOf(await list(admin.token, { first: 2, after: first.pageInfo.endCursor }))).toEqual([ids[2]]);
  expect(keysOf(await list(admin.token, { realm: 'other' }))).toEqual([ids[1]]);
  for (const { token } of [olga, ann]) expect(keysOf(await list(token))).toEqual([]);
});

test('webhooks: a list over all owners, with the counts of what was not delivered, in as many statements for any page', async () => {
  const town = await openTown({ isClockTrusted: () => false });
  const { gateway, olga, ann, mia, admin, acme } = town;
  const { prisma, clock, services } = gateway;
  const webhooks: string[] = [];
  for (let index = 0; index < 6; index += 1) {
    const [token, owner] = index % 2 === 0 ? [olga.token, olga.id] : [ann.token, acme];
    const webhookId = await newWebhook(town, token, owner);
    webhooks.push(webhookId);
    const createdAt = clock.now();
    await prisma.webhookDelivery.createMany({
      data: Array.from({ length: 2 * index }, (_, place) => ({
        id: newId('delivery', createdAt, services.random),
        webhookId,
        position: BigInt(place + 1),
        createdAt,
        state: place < index ? ('WAITING' as const) : ('PARKED' as const),
      })),
    });
    clock.advance(1);
  }
  await prisma.webhook.update({ where: { id: webhooks[5]! }, data: { state: 'PAUSED', reason: 'off' } });
  const WEBHOOKS = `query ($first: Int, $states: [WebhookState!]) { webhooks(first: $first, states: $states) {
    edges { node { id waitingCount parkedCount } } } }`;
  const list = async (token: string, variables: object = {}) => {
    const { data, errors } = await gateway.ask(WEBHOOKS, variables, token);
    expect(errors).toBeUndefined();
    return data['webhooks'].edges.map(({ node }: any) => node);
  };
  const expected = webhooks.map((id, index) => ({ id, waitingCount: index, parkedCount: index })).toReversed();
  expect(await list(admin.token)).toEqual(expected);
  expect(await list(olga.token)).toEqual(expected.filter(({ waitingCount }) => waitingCount % 2 === 0));
  expect(await list(ann.token)).toEqual(expected.filter(({ waitingCount }) => waitingCount % 2 === 1));
  expect(await list(mia.token)).toEqual([]);
  expect(await list(admin.token, { states: ['PAUSED'] })).toEqual(expected.slice(0, 1));
  expect(await list(admin.token, { states: [] })).toEqual([]);
  await services.follower.stop();
  const counts = [];
  for (const first of [1, 6]) {
    const { statements } = await countStatements(() => list(admin.token, { first }));
    counts.push(statements.filter((text) => /"Webhook(Delivery)?"/.test(text)).length);
  }
  expect(counts).toEqual([3, 3]);
});

test('problems: a key that stops before its next use is one while that stop stands', async () => {
  const { gateway, olga, ann, issue } = await openTown({ isClockTrusted: () => false });
  const { prisma, clock } = gateway;
  const { id } = await issue(olga.token, { lifetime: 'P60D' });
  const { stopsAt } = await prisma.key.findUniqueOrThrow({ where: { id } });
  const nextUse = { nextUseFrom: addMs(stopsAt!, 1), nextUseTo: addMs(stopsAt!, 2) };
  await prisma.notice.create({
    data: { keyId: id, thresholdMs: 1n, givenAt: clock.now(), stopsAt: stopsAt!, ...nextUse },
  });
  const ask = async (token: string) =>
    (await gateway.ask(PROBLEMS, { kinds: ['STOPS_BEFORE_NEXT_USE'] }, token)).data['problems'] as unknown[];
  expect(await ask(olga.token)).toMatchObject([{ kind: 'STOPS_BEFORE_NEXT_USE', key: { id } }]);
  expect(await ask(ann.token)).toEqual([]);
  await prisma.key.update({ where: { id }, data: { stopsAt: addMs(stopsAt!, DAY_MS) } });
  expect(await ask(olga.token)).toEqual([]);
});
