import type { GraphQLObjectType, GraphQLUnionType } from 'graphql';
import { afterAll, expect, test } from 'vitest';
import type { Event } from '../../prisma/generated/client/client.ts';
import { updateBinding } from '../../src/bindings/update.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { systemActor, type EventType, eventTypes } from '../../src/domain/event.ts';
import { readEventDetail, type EventDraft } from '../../src/domain/event-detail.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { detailTypeName } from '../../src/graphql/event/event-detail.ts';
import { schema } from '../../src/graphql/schema.ts';
import { addMs } from '../../src/domain/key.ts';
import { advanceRollout } from '../../src/rollouts/advance.ts';
import { answerRollout } from '../../src/rollouts/answer.ts';
import { decideException } from '../../src/rollouts/decide-exception.ts';
import { endExceptions } from '../../src/rollouts/end-exceptions.ts';
import { writeAnnounced } from '../../src/keys/write-warnings.ts';
import { change } from '../../src/log/change.ts';
import { openBindingWorld, FUSSY } from '../support/binding-world.ts';
import { expectedDetail, findDifferences, selectDetail } from '../support/compare-event-data.ts';
import { openFaultWorld } from '../support/fault-world.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { openIssuerWorld } from '../support/issuer-world.ts';
import { openKeyWorld, success } from '../support/key-world.ts';
import { openLeakWorld } from '../support/leak-world.ts';
import { mutationCases } from '../support/mutation-cases.ts';
import { openOperationTown } from '../support/operation-town.ts';
import { openReceiver } from '../support/receiver.ts';
import { openRolloutWorld, stage, STOPPING_STAGE_MS } from '../support/rollout-world.ts';
import { untypedDraft } from '../support/untyped-draft.ts';
import { loopbackWebhooks, openWebhookWorld } from '../support/webhook-world.ts';

/** The types of events of which at least one was compared with the table. */
const compared = new Set<string>();

test('detail: the event of every mutation has a detail equal to its data', { timeout: 300_000 }, async () => {
  const world = await openFaultWorld();
  for (const [index, one] of mutationCases.entries()) await world.succeed(await world.prepare(one, `detail ${index}`));
  await expectDetails(world.gateway);
});

test('detail: events of leaks', async () => {
  const leaks = await openLeakWorld();
  const { world, gateway } = leaks;
  const [held, rotated] = [await world.key(), await world.rotatingKey()];
  expect(await leaks.verify(held.secret)).toBe('VALID');
  await gateway.services.uses.flush();
  await world.mutate('updateRealm', { realm: 'default', leakResponse: 'HOLD' }, 'realm { id }');
  await leaks.report(leaks.record(held.secret), leaks.record(rotated.oldSecret));
  await world.mutate('updateRealm', { realm: 'default', leakResponse: 'REVOKE' }, 'realm { id }');
  await leaks.report(leaks.record((await world.key()).secret));
  await expectDetails(gateway);
  const types = (await gateway.prisma.event.findMany({ where: { data: { path: ['reportedBy'], equals: 'github' } } }))
    .map(({ type }) => type)
    .toSorted();
  expect(types).toEqual(['KEY_HELD', 'KEY_REVOKED', 'KEY_ROTATION_COMPLETED']);
});

test('detail: events of a token that is presented twice', async () => {
  const tokens = await openIssuerWorld();
  const token = tokens.token();
  expect((await tokens.exchange(token)).status).toBe(200);
  expect((await tokens.exchange(token)).status).toBe(400);
  expect(await expectDetails(tokens.gateway)).toContain('TOKEN_REUSED');
});

test('detail: events of an operation that a second person approves', async () => {
  const town = await openOperationTown({ approvalKeys: 1 });
  await town.makeKeys(2);
  const { id } = await town.start(town.ann, { filter: { owner: town.acme }, change: 'HOLD' });
  await town.act('approveOperation', town.adam, id);
  const asked = await town.start(town.ann, {
    filter: { owner: town.acme },
    change: 'ASK_ROTATION',
    gracePeriod: 'P2D',
  });
  await town.act('approveOperation', town.adam, asked.id);
  await town.runAll();
  await town.act('undoOperation', town.ann, asked.id);
  await town.runAll();
  expect(await expectDetails(town.gateway)).toEqual(
    expect.arrayContaining([
      'OPERATION_PROPOSED',
      'OPERATION_STARTED',
      'OPERATION_ENDED',
      'KEY_ROTATION_ASKED',
      'KEY_ROTATION_WITHDRAWN',
    ]),
  );
});

test('detail: events of deliveries', async () => {
  const receiver = await openReceiver();
  const world = await openWebhookWorld(loopbackWebhooks([receiver.port]));
  await world.webhook(receiver, { filter: { types: ['KEY_HELD'] } });
  const [poisoned, good] = [await world.key(), await world.key()];
  receiver.respondWith((response, { body }) => response.writeHead(body.data['keyId'] === poisoned ? 422 : 200).end());
  await world.hold(poisoned);
  await world.hold(good);
  await world.settle();
  await world.advance(40 * HOUR_MS);
  await world.resume(good);
  await world.hold(good);
  await world.advance(48 * HOUR_MS);
  expect(await expectDetails(world.gateway)).toContain('WEBHOOK_PARKED');
});

test('detail: events of time and of use', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  expect(await world.verify(secret, 'ci')).toBe('VALID');
  success(await rotateKey(world, world.owner, { keyId, gracePeriodMs: HOUR_MS }));
  await world.travel(HOUR_MS);
  await world.travel(8 * DAY_MS);
  expect(await world.verify(secret, 'ci')).toBe('SECRET_RETIRED');
  await world.issue({ ask: { lifetimeMs: 2 * DAY_MS } });
  for (let day = 0; day < 460; day += 10) await world.travel(10 * DAY_MS);
  expectData(await world.prisma.event.findMany());
});

test('detail: events of the rhythm of a key', async () => {
  const world = await openKeyWorld();
  const keys = [await world.issue({ ask: { lifetimeMs: 300 * DAY_MS } }), await world.issue()];
  for (const gap of [0, 91, 91, 91]) {
    await world.travel(gap * DAY_MS);
    for (const { secret } of keys) expect(await world.verify(secret, 'release')).toBe('VALID');
  }
  await world.travel(40 * DAY_MS);
  expect(await world.verify(keys[1]!.secret, 'release')).toBe('VALID');
  const events = await world.prisma.event.findMany({ orderBy: { position: 'asc' } });
  expectData(events);
  const types = ['KEY_STOPS_BEFORE_NEXT_USE', 'KEY_USED_OUT_OF_RHYTHM'];
  expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(types));
});

test('detail: the early end of a brownout', async () => {
  const world = await openKeyWorld();
  const { keyId, secret } = await world.issue();
  const from = world.clock.now().getTime();
  const brownouts = [{ rolloutId: 'rollout_1', from, to: from + HOUR_MS, consumers: [] }];
  await change(world, (change) => writeAnnounced(change, new Map([[keyId, { warnings: [], brownouts }]])));
  expect(await world.verify(secret, 'ci')).toBe('BROWNOUT');
  await world.uses.flush();
  const events = await world.prisma.event.findMany({ orderBy: { position: 'asc' } });
  expectData(events);
  expect(events.map(({ type }) => type)).toContain('KEY_BROWNOUT_ENDED');
});

test('detail: events of a policy that fails, of its sweep, and of a change that takes effect later', async () => {
  const world = await openBindingWorld();
  await world.write('life', FUSSY);
  const { keyId } = await world.issue({ name: 'boom' });
  const binding = await world.bind({ policy: 'life', config: { life: 'P60D' } });
  await world.reviewer.reviewDue();
  await world.prisma.key.update({ where: { id: keyId }, data: { name: 'quiet' } });
  await world.travel(2 * HOUR_MS);
  const effectiveAt = new Date(world.clock.now().getTime() + DAY_MS);
  const announced = { bindingId: binding.id, config: { life: 'P50D' }, mode: 'SHADOW' as const, effectiveAt };
  success(await updateBinding(world, world.admin, announced));
  await world.travel(DAY_MS);
  const events = await world.prisma.event.findMany({ orderBy: { position: 'asc' } });
  expectData(events);
  const values = {
    changed: ['mode', 'config'],
    before: { mode: 'ENFORCED', config: { life: 'P60D' } },
    after: { mode: 'SHADOW', config: { life: 'P50D' } },
  };
  for (const type of ['POLICY_ANNOUNCED', 'POLICY_CHANGED'])
    expect(events.findLast((event) => event.type === type)?.data).toMatchObject(values);
});

test('detail: the end of an exception from a rollout', async () => {
  const world = await openRolloutWorld();
  await world.issue();
  const { id: rolloutId } = await world.propose();
  const until = addMs(world.clock.now(), DAY_MS);
  const asked = { rolloutId, kind: 'ASK_EXCEPTION', text: 'Time.', until, keyIds: [], consumers: [] } as const;
  const more = { owner: null, isPublic: false, takesBrownouts: false };
  const { answerId } = success(await answerRollout(world, world.owner, { ...asked, ...more }));
  const { id: exceptionId } = await world.prisma.rolloutException.findFirstOrThrow({ where: { answerId } });
  success(await decideException(world, world.admin, { exceptionId, isGranted: true, until: null, text: 'Yes.' }));
  world.clock.advance(DAY_MS);
  await endExceptions(world);
  const events = await world.prisma.event.findMany({ where: { type: { startsWith: 'ROLLOUT_' } } });
  expectData(events);
  expect(events.map(({ type }) => type)).toContain('ROLLOUT_EXCEPTION_ENDED');
});

test('detail: events of rollouts that advance by themselves', async () => {
  const world = await openRolloutWorld();
  await world.issue();
  const stages = [stage('SHADOW', { atLeastMs: 0 }), stage('COHORT', { share: 0.5 }), stage('ENFORCED')];
  const { id: rolloutId } = await world.propose({ stages });
  await world.pass(0);
  await world.pass(STOPPING_STAGE_MS);
  success(await advanceRollout(world, world.admin, { rolloutId }));
  await world.pass(STOPPING_STAGE_MS);
  const events = await world.prisma.event.findMany({ orderBy: { position: 'asc' } });
  expectData(events);
  const types = ['ROLLOUT_PROPOSED', 'ROLLOUT_STAGE_BEGAN', 'ROLLOUT_INCONCLUSIVE', 'ROLLOUT_ENDED'];
  expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(types));
});

afterAll(() => {
  // Only a whole run has compared every type. A stalled rotation needs a grace period that ends: test/keys/rotate.test.ts.
  const expected = eventTypes.filter((type) => type !== 'KEY_ROTATION_STALLED');
  if (compared.size > 40) expect([...compared]).toEqual(expect.arrayContaining(expected));
});

test('detail: an event of the release before has nulls in place of fields that it lacks', async () => {
  const gateway = await openGateway();
  const old: Partial<Record<EventType, object>> = {
    KEY_UPDATED: { changed: ['name'] },
    ACCOUNT_UPDATED: { noticesByMail: true },
    ORGANIZATION_MEMBER_CHANGED: { accountId: 'account_1', from: 'ADMIN', to: null, hasOwner: true },
    REALM_UPDATED: { changed: ['ceilings'] },
    WEBHOOK_UPDATED: { webhookId: 'webhook_1', changed: ['url'] },
    ISSUER_UPDATED: { issuerId: 'issuer_1', changed: ['audience'], audience: 'https://keys.example' },
    TOKEN_RULE_UPDATED: { issuerId: 'issuer_1', ruleId: 'rule_1', changed: ['name'] },
    POLICY_CHANGED: { bindingId: 'binding_1', policy: 'life', hash: 'a', revision: 2, mode: 'SHADOW', keyCount: 1 },
  };
  for (const [type, data] of Object.entries(old) as [EventType, object][]) {
    const detail = await askDetail(gateway, await record(gateway, untypedDraft({ ...anyEvent(gateway), type, data })));
    expect(detail).toEqual({ __typename: detailTypeName(type), ...expectedDetail(type, data) });
    expect(detail).toMatchObject({ before: null, after: null });
  }
});

test('detail: malformed data gives null for a field, or for the detail, and never an error', async () => {
  const gateway = await openGateway();
  const malformed: [EventType, object, unknown][] = [
    ['KEY_TRANSFERRED', {}, null],
    ['KEY_TRANSFERRED', { from: 5, to: 'account_1' }, null],
    ['KEY_RENEWED', { mode: 'SOMEHOW' }, null],
    [
      'KEY_UPDATED',
      { changed: 'name', before: 5, after: { name: 7, labels: [{ name: 'a' }] } },
      { after: { name: null } },
    ],
    ['KEY_ISSUED', { expiresAt: 'soon', stopsAt: 9, basis: 'SOFT' }, { expiresAt: null, stopsAt: null, basis: null }],
    ['KEY_EXPIRING', { threshold: 'P1D', stopsAt: '2026-02-30T00:00:00Z' }, { threshold: 'P1D', stopsAt: null }],
    ['KEY_FIRST_USED', { generation: 2 ** 31 }, { generation: null }],
    ['WEBHOOK_REPLAYED', { webhookId: 'a', after: 'no cursor', isOfParked: false }, { after: null }],
  ];
  for (const [type, data, expected] of malformed) {
    const detail = await askDetail(gateway, await record(gateway, untypedDraft({ ...anyEvent(gateway), type, data })));
    if (expected === null) expect(detail).toBeNull();
    else expect(detail).toMatchObject(expected as object);
  }
  expect(readEventDetail('KEY_TELEPORTED', {})).toBeNull();
  expect(readEventDetail('toString', {})).toBeNull();
  expect(readEventDetail('WEBHOOK_TESTED', null)).toBeNull();
});

test('detail: fields of one name have one type, but for these', () => {
  const union = schema.getType('EventDetail') as GraphQLUnionType;
  expect(
    union
      .getTypes()
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(eventTypes.map(detailTypeName).toSorted());
  const types = new Map<string, Set<string>>();
  for (const field of union.getTypes().flatMap((type: GraphQLObjectType) => Object.values(type.getFields()))) {
    const type = String(field.type).replace(/^Changed\w+$/, 'Changed');
    types.set(field.name, new Set([...(types.get(field.name) ?? []), type]));
  }
  const several = [...types].flatMap(([name, found]) => (found.size > 1 ? [name] : []));
  expect(several.toSorted()).toEqual(['after', 'from', 'mode', 'to']);
});

/** Asks for the detail of every event, and compares it with its data. Returns their types. */
async function expectDetails(gateway: Gateway): Promise<readonly string[]> {
  const events = await gateway.prisma.event.findMany({ orderBy: { position: 'asc' } });
  expectData(events);
  for (const event of events) {
    const type = event.type as EventType;
    const expected = { __typename: detailTypeName(type), ...expectedDetail(type, event.data) };
    expect([event.type, await askDetail(gateway, event)]).toEqual([event.type, expected]);
  }
  return events.map(({ type }) => type);
}

/** Compares the data of events with the table. */
function expectData(events: readonly Event[]): void {
  expect(events.flatMap(({ type, data }) => findDifferences(type as EventType, data))).toEqual([]);
  for (const { type, data } of events) {
    compared.add(type);
    expect(readEventDetail(type, data)?.type).toBe(type);
  }
}

async function askDetail(gateway: Gateway, { id, type }: Pick<Event, 'id' | 'type'>): Promise<unknown> {
  const inner = `__typename ... on ${detailTypeName(type as EventType)} { ${selectDetail(type as EventType)} }`;
  const query = `query ($id: ID!) { node(id: $id) { ... on Event { detail { ${inner} } } } }`;
  const { data, errors } = await gateway.ask(query, { id }, await gateway.admin());
  expect(errors).toBeUndefined();
  return data['node'].detail;
}

function anyEvent(gateway: Gateway) {
  return { at: gateway.clock.now(), actor: systemActor };
}

async function record(gateway: Gateway, draft: EventDraft): Promise<Event> {
  await change(gateway.services, async ({ record }) => record(draft));
  return gateway.prisma.event.findFirstOrThrow({ orderBy: { position: 'desc' } });
}
