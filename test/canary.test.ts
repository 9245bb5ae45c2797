import { getNamedType, isInputObjectType, isObjectType, isUnionType } from 'graphql';
import { expect, test } from 'vitest';
import { DAY_MS } from '../src/domain/duration.ts';
import { newSecret } from '../src/domain/secret.ts';
import { schema } from '../src/graphql/schema.ts';
import { type KnownValues, listMisplacements } from './support/canary-misuse.ts';
import { issuerScenes } from './support/canary-issuer-scenes.ts';
import { keyScenes } from './support/canary-key-scenes.ts';
import { operationScenes } from './support/canary-operation-scenes.ts';
import { peopleScenes } from './support/canary-people-scenes.ts';
import { policyScenes } from './support/canary-policy-scenes.ts';
import { queries, readStream, subscriptions } from './support/canary-reads.ts';
import { unknownKeyId, type Stage } from './support/canary-stage.ts';
import { subjectScenes } from './support/canary-subject-scenes.ts';
import { webhookScenes } from './support/canary-webhook-scenes.ts';
import { sendStrayRequests } from './support/canary-stray.ts';
import { type CanaryTraffic, openCanaryTraffic } from './support/canary-traffic.ts';
import { mutationQuery, typeNameOf } from './support/mutation-query.ts';
import { MutationWorld } from './support/mutation-world.ts';
import { createPortalSession } from './support/portal.ts';
import { recordSocket } from './support/record-socket.ts';

const mutations = schema.getMutationType()!.getFields();
const scenes = [
  ...keyScenes,
  ...peopleScenes,
  ...policyScenes,
  ...subjectScenes,
  ...webhookScenes,
  ...issuerScenes,
  ...operationScenes,
];

/** The types that each mutation may answer with. */
const ends = Object.values(mutations).flatMap(({ name, type }) => {
  const union = getNamedType(type);
  return isUnionType(union) ? union.getTypes().map((end) => `${name} ${end.name}`) : [];
});

function takesIdempotencyKey(mutation: string): boolean {
  const input = mutations[mutation]?.args[0]?.type;
  const type = input && getNamedType(input);
  return isInputObjectType(type) && 'idempotencyKey' in type.getFields();
}

/** The fields of a mutation's success that may hold a secret. */
function selectionOf(mutation: string): string {
  const success = schema.getType(`${typeNameOf(mutation)}Success`);
  const fields = isObjectType(success) ? Object.keys(success.getFields()) : [];
  return ['__typename', ...['secret', 'token', 'expiresAt'].filter((name) => fields.includes(name))].join(' ');
}

/** Another input to the same mutation, for the same idempotency key. */
function changed(input: object): object {
  const known = input as KnownValues;
  const texts = [
    'name',
    'title',
    'text',
    'reason',
    'email',
    'keyId',
    'newPassword',
    'webhookId',
    'url',
    'userCode',
    'externalId',
    'invitationId',
    'accountId',
  ];
  const text = [...texts, 'secret'].find((field) => typeof known[field] === 'string');
  if (text !== undefined) return { ...input, [text]: `${known[text]}x` };
  if (Array.isArray(known['keys'])) return { ...input, keys: known['keys'].map((key: object) => changed(key)) };
  if ('token' in known) return { ...input, publicKey: 'another' };
  if ('noticesByMail' in known) return { ...input, noticesByMail: null };
  return { ...input, ...('role' in known ? { role: 'MEMBER' } : { keyId: unknownKeyId }) };
}

async function openStage(): Promise<CanaryTraffic & Stage> {
  const traffic = await openCanaryTraffic(takesIdempotencyKey);
  return { ...traffic, world: new MutationWorld(traffic.gateway) };
}

test(
  'canary: no outcome of any mutation leaves a secret anywhere but in the one response that shows it',
  { timeout: 300_000 },
  async () => {
    const stage = await openStage();
    const { gateway, canary, outcomesSeen } = stage;
    for (const [mutation, end, prepare] of scenes) {
      const { input, credential } = await prepare(stage);
      const who = credential === undefined ? await gateway.admin() : credential;
      const query = mutationQuery(mutation, selectionOf(mutation));
      const ask = (input: object) => gateway.ask(query, { input }, who);
      const idempotent = takesIdempotencyKey(mutation) ? { idempotencyKey: canary.text('idempotency key') } : {};
      const answer = await ask({ ...input, ...idempotent });
      const came = answer.data?.[mutation]?.__typename ?? answer.errors?.[0]?.extensions['code'];
      expect(came, `${mutation} ${JSON.stringify(input)}`).toBe(end);
      if ('idempotencyKey' in idempotent) {
        await ask({ ...input, ...idempotent });
        await ask({ ...changed(input), ...idempotent });
      }
    }
    expect(await stage.findLeaks()).toEqual([]);
    // A new mutation, and a new end of one, is missing here until it has its scene.
    expect(ends.filter((end) => !outcomesSeen.has(end))).toEqual([]);
    // Those with one end are asked in the next test.
    const others = Object.keys(mutations).filter((mutation) => !ends.some((end) => end.startsWith(`${mutation} `)));
    expect(others.sort()).toEqual(['signOut', 'verifyKey']);
  },
);

test('canary: no read shows a secret, over any transport and with any credential', async () => {
  const { gateway, canary, world, outcomesSeen, scan, findLeaks } = await openStage();
  const admin = await gateway.admin();
  const { id, oldSecret, secret } = await world.rotatingKey();
  const organizationId = await world.organization();
  const operationId = await world.operation();
  await world.mutate('transferKey', { keyId: id, owner: organizationId }, 'key { id }');
  const verify = 'mutation ($input: VerifyKeyInput!) { verifyKey(input: $input) { outcome message key { id } } }';
  for (const text of [secret, oldSecret]) {
    await gateway.ask(verify, { input: { secret: text, consumer: 'ci' } }, admin);
    for (const query of Object.values(queries))
      await gateway.ask(`{ ${query({ id, organizationId, operationId })} }`, {}, text);
  }
  for (const query of Object.values(queries))
    await gateway.ask(`{ ${query({ id, organizationId, operationId })} }`, {}, admin);
  await world.mutate('upsertSubject', { realm: 'default', externalId: 'customer', name: 'Customer' }, 'subject { id }');
  const portal = await createPortalSession(gateway, admin, 'customer');
  canary.watch('token of a portal session', portal.token);
  for (const query of Object.values(queries))
    await gateway.ask(`{ ${query({ id, organizationId, operationId })} }`, {}, portal.token);
  // A new query or subscription is missing here until it is asked.
  const found = new Set([...outcomesSeen].filter((one) => !one.endsWith(' NOTHING')).map((one) => one.split(' ')[0]));
  expect(Object.keys(schema.getQueryType()!.getFields()).filter((field) => !found.has(field))).toEqual([]);
  expect(Object.keys(subscriptions)).toEqual(Object.keys(schema.getSubscriptionType()!.getFields()).sort());

  // Of each credential that there is, and that there is no more: what it is answered.
  const issueNamed = async () => {
    const input = {
      realm: 'default',
      name: world.name('leaked'),
      scopes: [{ action: 'keytide:read', resource: '**' }],
    };
    const issued = await world.mutate('issueKey', input, 'key { id } secret');
    return { id: issued.key.id as string, secret: issued.secret as string };
  };
  const [good, held, revoked, rotated] = [
    await issueNamed(),
    await issueNamed(),
    await issueNamed(),
    await issueNamed(),
  ];
  await world.mutate('holdKey', { keyId: held.id, reason: 'looked at' }, 'key { id }');
  await world.mutate('revokeKey', { secret: revoked.secret, reason: 'leaked' }, 'key { id }', null);
  await world.mutate('rotateKey', { keyId: rotated.id, gracePeriod: 'PT0S' }, 'secret');
  const ended = await gateway.admin();
  await gateway.ask('mutation { signOut }', {}, ended);
  gateway.clock.advance(46 * DAY_MS);
  await world.key();
  const unknown = newSecret(canary.random).reveal();
  const credentials: [string, string][] = [
    [await gateway.admin(), 'next'],
    [good.secret, 'next'],
    [rotated.secret, 'SECRET_RETIRED'],
    [held.secret, 'KEY_HELD'],
    [revoked.secret, 'KEY_REVOKED'],
    [secret, 'KEY_EXPIRED'],
    [unknown, 'KEY_UNKNOWN'],
    [`${unknown.slice(0, -1)}~`, 'KEY_UNKNOWN'],
    [unknown.slice(0, 40), 'KEY_UNKNOWN'],
    [admin, 'UNKNOWN'],
    [ended, 'UNKNOWN'],
    [canary.text('credential').replaceAll(' ', '-'), 'UNKNOWN'],
  ];
  for (const [credential, answer] of credentials) {
    canary.watch('credential', credential);
    await gateway.ask('{ viewer { __typename } }', {}, credential);
    await gateway.ask(verify, { input: { secret: credential, consumer: 'ci' } }, await gateway.admin());
    for (const query of Object.values(subscriptions)) {
      const init = { type: 'connection_init', payload: { authorization: `Bearer ${credential}` } };
      const start = { id: '1', type: 'subscribe', payload: { query } };
      const socket = await recordSocket(`${gateway.url}/graphql`, [init, start]);
      const stream = await readStream(`${gateway.url}/graphql`, query, credential);
      expect(JSON.stringify(socket), credential).toContain(answer);
      expect(stream, credential).toContain(answer);
      scan('socket', JSON.stringify(socket));
      scan('stream', stream);
    }
  }
  expect(await findLeaks()).toEqual([]);
});

test('canary: a secret in the wrong place is neither repeated nor stored', { timeout: 120_000 }, async () => {
  const traffic = await openStage();
  const { gateway, world, scan, findLeaks } = traffic;
  const { id, secret } = await world.key();
  const organization = await world.organization();
  const admin = await gateway.admin();
  const { id: accountId } = await gateway.person('somebody');
  const { bindingId, brakeId } = await world.brake();
  for (let index = 0; ; index += 1) {
    const known: KnownValues = {
      id,
      keyId: id,
      secret,
      accountId,
      owner: organization,
      organization,
      organizationId: organization,
      role: 'MEMBER',
      realm: 'default',
      slug: `slug-${index}`,
      name: `name-${index}`,
      email: `guest-${index}@example.com`,
      policy: 'dormant-owner',
      bindingId,
      brakeId,
      action: 'package:push',
      resource: 'Acme.*',
      lifetime: 'P30D',
      reason: 'as it happened',
    };
    const misuse = listMisplacements(secret, known)[index];
    if (misuse === undefined) break;
    const { kind, query, variables } = misuse;
    if (kind === 'subscription') {
      const init = { type: 'connection_init', payload: { authorization: `Bearer ${admin}` } };
      const start = { id: '1', type: 'subscribe', payload: { query, variables } };
      // Nothing may ever come of it: when what was asked after it is answered, it has been refused or has begun.
      const after = { id: 'after', type: 'subscribe', payload: { query: '{ logCursor }' } };
      const isEnough = (all: readonly string[]) =>
        all.some((one) => one.includes('"after"') && one.includes('complete'));
      const talk = await recordSocket(`${gateway.url}/graphql`, [init, start, after], { isEnough });
      scan(misuse.place, JSON.stringify(talk));
    } else await gateway.ask(query, variables, admin);
  }
  await sendStrayRequests(traffic, secret, admin);
  expect(await findLeaks()).toEqual([]);
});

test('canary: a secret that is reported as leaked is neither repeated nor stored', async () => {
  const { gateway, github, world, scan, findLeaks } = await openStage();
  const send = async (body: string, headers = github.headers(body)) => {
    const answer = await fetch(`${gateway.url}/leaks/github`, { method: 'POST', headers, body });
    scan(`answer to ${body.slice(0, 40)}`, await answer.text());
    scan('headers', JSON.stringify([...answer.headers]));
    return answer.status;
  };
  const spread = (secret: string) => ({
    token: secret,
    type: `type ${secret}`,
    url: `https://${secret}.example.com/${secret}/${encodeURIComponent(` ${secret} `)}?key=${secret}#${secret}`,
    source: secret,
    [secret]: secret,
  });
  for (const response of ['HOLD', 'REVOKE']) {
    await world.mutate('updateRealm', { realm: 'default', leakResponse: response }, 'realm { id }');
    const { secret } = await world.key();
    const { oldSecret } = await world.rotatingKey();
    const plain = {
      token: (await world.key()).secret,
      type: 'keytide',
      url: `https://example.com/a/${secret}`,
      source: 'npm',
    };
    for (let time = 0; time < 2; time += 1) {
      expect(await send(JSON.stringify([spread(secret), spread(oldSecret), plain]))).toBe(200);
    }
    for (const body of [`[{"token":"${secret}"`, secret, JSON.stringify(spread(secret)), JSON.stringify([[secret]])]) {
      expect([200, 400]).toContain(await send(body));
    }
    const body = JSON.stringify([spread(secret)]);
    const { ['Github-Public-Key-Identifier']: id = '' } = github.headers(body);
    expect(await send(body, { 'Github-Public-Key-Identifier': secret, 'Github-Public-Key-Signature': secret })).toBe(
      400,
    );
    expect(await send(body, { 'Github-Public-Key-Identifier': id, 'Github-Public-Key-Signature': secret })).toBe(400);
  }
  expect(await gateway.prisma.leak.groupBy({ by: ['outcome'], orderBy: { outcome: 'asc' }, _count: true })).toEqual([
    { outcome: 'HELD', _count: 2 },
    { outcome: 'REVOKED', _count: 2 },
    { outcome: 'RETIRED', _count: 2 },
  ]);
  for (const table of ['Leak', 'Secret', 'Event', 'Key']) {
    const { secret } = await world.key();
    await gateway.prisma.$executeRawUnsafe(`ALTER TABLE "${table}" RENAME TO "Gone"`);
    expect(await send(JSON.stringify([spread(secret)]))).toBe(500);
    await gateway.prisma.$executeRawUnsafe(`ALTER TABLE "Gone" RENAME TO "${table}"`);
  }
  expect(await findLeaks()).toEqual([]);
});

test('canary: a gateway with a broken database returns and logs no secret', { timeout: 180_000 }, async () => {
  const stage = await openStage();
  const { gateway, findLeaks } = stage;
  const prepared = await Promise.all(
    scenes
      .filter(([, end]) => end.endsWith('Success'))
      .map(async ([mutation, , prepare]) => {
        return { mutation, ...(await prepare(stage)) };
      }),
  );
  const admin = await gateway.admin();
  // One table after the other is not there, and then has a column that takes no text.
  const tables = [
    'Secret',
    'Invitation',
    'IdempotencyRecord',
    'Event',
    'Account',
    'Key',
    'Organization',
    'Realm',
    'Binding',
  ];
  for (const table of tables) {
    for (const [breaks, mends] of [
      [`ALTER TABLE "${table}" RENAME TO "Gone"`, `ALTER TABLE "Gone" RENAME TO "${table}"`],
      [
        `ALTER TABLE "${table}" ADD CONSTRAINT broken CHECK (false) NOT VALID`,
        `ALTER TABLE "${table}" DROP CONSTRAINT broken`,
      ],
    ] as const) {
      await gateway.prisma.$executeRawUnsafe(breaks);
      for (const { mutation, input, credential } of prepared) {
        const who = credential === undefined ? admin : credential;
        await gateway.ask(mutationQuery(mutation, selectionOf(mutation)), { input }, who);
      }
      await gateway.prisma.$executeRawUnsafe(mends);
    }
  }
  expect([...stage.outcomesSeen].filter((one) => one.endsWith(' INTERNAL_SERVER_ERROR')).length).toBeGreaterThan(20);
  expect(gateway.logged.join('')).toContain('operation failed');
  expect(await findLeaks()).toEqual([]);
});
