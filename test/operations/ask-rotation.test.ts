import { expect, test } from 'vitest';
import { Prisma } from '../../prisma/generated/client/client.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { openOperationTown } from '../support/operation-town.ts';

const OWN = `{ viewer { ... on Key { state stopsAt expiresAt renewalInfo {
  allowed mode suggestedAt window { opensAt closesAt } rotationAskedAt reason } } } }`;
const RENEW = `mutation ($input: RenewKeyInput!) { renewKey(input: $input) {
  ... on RenewKeySuccess { secret previousRetiresAt } ... on UserError { code } } }`;
const UNDO =
  'mutation ($input: UndoRotationInput!) { undoRotation(input: $input) { __typename ... on UserError { code } } }';

test('operations: ASK_ROTATION makes a rotation due now, until the secret is replaced, and stops nothing', async () => {
  const town = await openOperationTown();
  const { ann, acme } = town;
  const { gateway } = town;
  const { clock, services } = gateway;
  const { id: keyId, secret } = await town.issue(ann.token, { owner: acme, lifetime: 'P90D' });
  const held = await town.issue(ann.token, { owner: acme, lifetime: 'P90D' });
  const own = async (token: string) => (await gateway.ask(OWN, {}, token)).data['viewer'];
  const ask = async (query: string, name: string, token: string, input: object = {}) =>
    (await gateway.ask(query, { input }, token)).data[name];
  const before = await own(secret);
  expect(before.renewalInfo).toMatchObject({ mode: 'EXTEND', rotationAskedAt: null });
  const hold = 'mutation ($input: HoldKeyInput!) { holdKey(input: $input) { __typename } }';
  await ask(hold, 'holdKey', ann.token, { keyId: held.id, reason: 'by hand' });

  clock.advance(HOUR_MS);
  const input = { filter: { owner: acme }, change: 'ASK_ROTATION', gracePeriod: 'P2D' };
  const { id } = await town.start(ann, input);
  await town.runAll();
  expect(await town.read(id)).toMatchObject({ state: 'DONE', done: 2, canUndo: true });
  // One event a key, which names the operation, its reason and the grace period.
  const events = await gateway.prisma.event.findMany({ where: { type: 'KEY_ROTATION_ASKED' } });
  expect(events.map((event) => [event.keyId, event.reason, event.data]).toSorted()).toEqual(
    [keyId, held.id].toSorted().map((key) => [key, 'an incident', { gracePeriod: 'P2D', operationId: id }]),
  );

  const askedAt = clock.now().toISOString();
  clock.advance(HOUR_MS);
  expect(await own(secret)).toEqual({
    ...before,
    renewalInfo: {
      allowed: true,
      mode: 'ROTATE',
      suggestedAt: askedAt,
      window: { opensAt: askedAt, closesAt: askedAt },
      rotationAskedAt: askedAt,
      reason: `A person asked on ${askedAt.slice(0, 10)} that the secret be replaced: a renewal replaces it.`,
    },
  });
  // Reviews keep it due, and verification says so.
  await gateway.prisma.key.update({ where: { id: keyId }, data: { reviewAt: clock.now() } });
  await gateway.travel(0);
  expect((await services.prisma.key.findUniqueOrThrow({ where: { id: keyId } })).renewalDueAt?.toISOString()).toBe(
    askedAt,
  );
  // A renewal that supports only EXTEND is not refused, and leaves the question open.
  expect(await ask(RENEW, 'renewKey', secret)).toEqual({ secret: null, previousRetiresAt: null });
  expect((await own(secret)).renewalInfo).toMatchObject({ mode: 'ROTATE', suggestedAt: askedAt });

  const accept = ['EXTEND', 'ROTATE'];
  const first = await ask(RENEW, 'renewKey', secret, { accept });
  expect(first.previousRetiresAt).toBe(new Date(clock.now().getTime() + 2 * DAY_MS).toISOString());
  expect((await own(first.secret)).renewalInfo).toMatchObject({ mode: 'EXTEND', rotationAskedAt: null });
  // The undo of the rotation asks again; the next rotation answers for good.
  await ask(UNDO, 'undoRotation', secret);
  expect((await own(secret)).renewalInfo).toMatchObject({ mode: 'ROTATE', suggestedAt: askedAt });
  const second = await ask(RENEW, 'renewKey', secret, { accept, gracePeriod: 'PT1H' });
  expect(second.previousRetiresAt).toBe(new Date(clock.now().getTime() + HOUR_MS).toISOString());
  expect((await own(second.secret)).renewalInfo).toMatchObject({ mode: 'EXTEND', rotationAskedAt: null });

  // A held key stays held; the rotation is due when it is resumed.
  const query = 'query ($id: ID!) { key(id: $id) { renewalInfo { allowed mode suggestedAt } } }';
  const shown = (await gateway.ask(query, { id: held.id }, ann.token)).data['key'].renewalInfo;
  expect(shown).toEqual({ allowed: false, mode: 'ROTATE', suggestedAt: null });
  const resume = 'mutation ($input: ResumeKeyInput!) { resumeKey(input: $input) { __typename } }';
  await ask(resume, 'resumeKey', ann.token, { keyId: held.id });
  expect((await own(held.secret)).renewalInfo).toMatchObject({ allowed: true, suggestedAt: askedAt });

  for (const [gracePeriod, found] of [
    ['PT0S', 'found PT0S; expected PT1M to P30D'],
    ['P31D', 'found P31D; expected PT1M to P30D'],
  ]) {
    const refused = await town.changeKeys(ann, { ...input, gracePeriod, dryRun: true });
    expect(refused).toMatchObject({ error: 'BAD_USER_INPUT', message: expect.stringContaining(found!) });
  }
});

test('operations: the undo of ASK_ROTATION withdraws it where the secret was not replaced, and nothing else', async () => {
  const town = await openOperationTown();
  const { ann, acme, gateway } = town;
  const { clock, prisma } = gateway;
  const issue = (name: string) => town.issue(ann.token, { owner: acme, lifetime: 'P90D', name });
  const [quiet, rotated, twice] = [await issue('quiet'), await issue('rotated'), await issue('twice')];
  const own = async (token: string) => (await gateway.ask(OWN, {}, token)).data['viewer'].renewalInfo;
  const dueAt = async (id: string) => (await prisma.key.findUniqueOrThrow({ where: { id } })).renewalDueAt;
  const before = await own(quiet.secret);
  const start = async (search: string | undefined, gracePeriod: string) => {
    clock.advance(HOUR_MS);
    const filter = { owner: acme, ...(search !== undefined && { search }) };
    const { id } = await town.start(ann, { filter, change: 'ASK_ROTATION', gracePeriod });
    await town.runAll();
    return { id, askedAt: clock.now().toISOString() };
  };
  const undo = async (id: string) => {
    clock.advance(HOUR_MS);
    await town.act('undoOperation', ann, id);
    await town.runAll();
    expect(await town.read(id)).toMatchObject({ state: 'UNDONE', canUndo: false });
  };
  const withdrawals = async () => {
    const where = { type: 'KEY_ROTATION_WITHDRAWN' };
    const events = await prisma.event.findMany({ where, orderBy: { position: 'asc' } });
    return events.map(({ keyId, actorId, data }) => [keyId, actorId, data]);
  };

  const first = await start(undefined, 'P2D');
  const { data } = await gateway.ask(RENEW, { input: { accept: ['ROTATE'] } }, rotated.secret);
  const second = await start('twice', 'P3D');
  expect(await own(twice.secret)).toMatchObject({ rotationAskedAt: second.askedAt });
  // The second question is withdrawn: the first is due again.
  await undo(second.id);
  expect(await own(twice.secret)).toMatchObject({ mode: 'ROTATE', rotationAskedAt: first.askedAt });
  expect(await prisma.key.findUniqueOrThrow({ where: { id: twice.id } })).toMatchObject({
    rotationAskedGraceMs: BigInt(2 * DAY_MS),
    renewalDueAt: new Date(first.askedAt),
  });
  // Then the first one: a key whose secret was replaced keeps the new one, and its old secret goes on to retire.
  await undo(first.id);
  expect(await own(quiet.secret)).toEqual(before);
  expect(await dueAt(quiet.id)).toEqual(new Date(before.suggestedAt));
  expect(await own(twice.secret)).toMatchObject({ mode: 'EXTEND', rotationAskedAt: null });
  expect(await own(data['renewKey'].secret)).toMatchObject({ mode: 'EXTEND', rotationAskedAt: null });
  const withdrawn = (id: string, { askedAt, id: operationId }: typeof first, stillAskedAt: string | null) => [
    id,
    ann.id,
    { askedAt, stillAskedAt, operationId },
  ];
  expect(await withdrawals()).toEqual([
    withdrawn(twice.id, second, first.askedAt),
    ...[quiet.id, twice.id].toSorted().map((id) => withdrawn(id, first, null)),
  ]);

  // In the other order: a question that was withdrawn below another one does not come back.
  const [third, fourth] = [await start('quiet', 'P2D'), await start('quiet', 'P2D')];
  await undo(third.id);
  expect(await own(quiet.secret)).toMatchObject({ rotationAskedAt: fourth.askedAt });
  await undo(fourth.id);
  expect(await own(quiet.secret)).toMatchObject({ mode: 'EXTEND', rotationAskedAt: null });
});

test('operations: the undo of ASK_ROTATION fails for a key whose request was not recorded, as by the release before', async () => {
  const town = await openOperationTown();
  const { ann, acme, gateway } = town;
  const issue = (name: string) => town.issue(ann.token, { owner: acme, lifetime: 'P90D', name });
  const [quiet, rotated] = [await issue('quiet'), await issue('rotated')];
  const { id } = await town.start(ann, { filter: { owner: acme }, change: 'ASK_ROTATION', gracePeriod: 'P2D' });
  await town.runAll();
  await gateway.prisma.operationKey.updateMany({ where: { operationId: id }, data: { before: Prisma.DbNull } });
  const own = async (token: string) => (await gateway.ask(OWN, {}, token)).data['viewer'].renewalInfo;
  const { data } = await gateway.ask(RENEW, { input: { accept: ['ROTATE'] } }, rotated.secret);
  const asked = await own(quiet.secret);
  gateway.clock.advance(HOUR_MS);
  await town.act('undoOperation', ann, id);
  await town.runAll();
  const { keys, ...operation } = await town.read(id);
  expect(operation).toMatchObject({ state: 'UNDONE', done: 2, undone: 1 });
  const states = new Map(keys.edges.map(({ node }: any) => [node.key.id, node]));
  expect(states.get(quiet.id)).toMatchObject({
    state: 'UNDO_FAILED',
    code: 'OPERATION_STATE_MISMATCH',
    message: `An earlier release ran the operation and did not record its request, so the rotation that was requested on ${asked.rotationAskedAt.slice(0, 10)} stays due. Rotate the key.`,
  });
  expect(await own(quiet.secret)).toEqual(asked);
  // Its secret was replaced: nothing is left to withdraw.
  expect(states.get(rotated.id)).toMatchObject({ state: 'UNDONE', code: null, message: null });
  expect(await own(data['renewKey'].secret)).toMatchObject({ mode: 'EXTEND', rotationAskedAt: null });
});
