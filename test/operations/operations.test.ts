import { expect, test } from 'vitest';
import { Prisma } from '../../prisma/generated/client/client.ts';
import { MINUTE_MS } from '../../src/domain/duration.ts';
import { change } from '../../src/log/change.ts';
import { writeResults } from '../../src/operations/write-results.ts';
import { openOperationTown } from '../support/operation-town.ts';

test('operations: a dry run changes nothing; the confirmed hold changes exactly its keys, once each; undo lifts exactly its holds', async () => {
  const town = await openOperationTown();
  const { admin, ann, olga, acme } = town;
  const ci = await town.makeKeys(60, { labels: [{ name: 'by', value: 'rule' }] });
  const own = await town.makeKeys(2, {
    organizationId: null,
    accountId: olga.id,
    labels: [{ name: 'by', value: 'rule' }],
  });
  await town.makeKeys(3);
  const hold = { filter: { labels: [{ name: 'by', value: 'rule' }] }, change: 'HOLD' };

  const dryRun = await town.changeKeys(admin, { ...hold, dryRun: true });
  expect(dryRun).toMatchObject({
    matchedCount: 62,
    byOwner: [
      { owner: { id: acme }, keyCount: 60 },
      { owner: { id: olga.id }, keyCount: 2 },
    ],
    operation: null,
  });
  expect(dryRun.keys.edges.map(({ node }: any) => node.id)).toEqual([...ci, ...own].sort());
  expect(await town.holds()).toEqual({});

  // One key stops matching, one is held by a person, and a new one matches only after the dry run.
  await town.gateway.prisma.label.deleteMany({ where: { keyId: ci[0]! } });
  const [late] = await town.makeKeys(1, { labels: [{ name: 'by', value: 'rule' }] });
  await town.gateway.ask(
    'mutation($input: HoldKeyInput!) { holdKey(input: $input) { __typename } }',
    { input: { keyId: ci[1], reason: 'by hand' } },
    ann.token,
  );
  const { operation } = await town.changeKeys(admin, { ...hold, confirmation: dryRun.confirmation });
  expect(operation).toMatchObject({
    state: 'RUNNING',
    total: 62,
    skipped: 1,
    newlyMatched: 1,
    actor: { id: admin.id },
  });
  await town.runAll();

  const done = await town.read(operation.id);
  expect(done).toMatchObject({ state: 'DONE', done: 61, failed: 0, skipped: 1 });
  expect(done.keys.edges.filter(({ node }: any) => node.state !== 'DONE').map(({ node }: any) => node)).toEqual([
    expect.objectContaining({ key: { id: ci[0] }, state: 'SKIPPED', code: 'NO_LONGER_MATCHES' }),
  ]);
  const held = await town.holds();
  expect(Object.keys(held).sort()).toEqual([...ci.slice(1), ...own].sort());
  expect(held[ci[1]!]).toEqual([operation.id, null]);
  expect(held[late!]).toBeUndefined();
  const events = await town.eventsOf(operation.id);
  expect(events.map(({ type }) => type)).toEqual(Array.from({ length: 61 }, () => 'KEY_HELD'));
  expect(new Set(events.map(({ keyId }) => keyId)).size).toBe(61);

  expect(await town.act('undoOperation', ann, operation.id)).toMatchObject({ code: 'OPERATION_NOT_FOUND' });
  await town.act('undoOperation', admin, operation.id);
  await town.runAll();
  expect(await town.read(operation.id)).toMatchObject({ state: 'UNDONE', done: 61, undone: 61, isUndoing: true });
  expect(await town.holds()).toEqual({ [ci[1]!]: [null] });
});

test('operations: a paused operation changes no key; stopped half way it leaves the rest and can be undone', async () => {
  const town = await openOperationTown();
  const { ann, acme } = town;
  const ids = await town.makeKeys(120);
  const { id } = await town.start(ann, { filter: { owner: acme }, change: 'HOLD' });
  const { operationLoop } = town.gateway.node;
  expect(await operationLoop.runRound()).toBe(true);
  expect(await town.act('pauseOperation', ann, id)).toMatchObject({ operation: { state: 'PAUSED', done: 50 } });
  await town.runAll();
  expect(Object.keys(await town.holds())).toHaveLength(50);
  expect(await town.act('resumeOperation', ann, id)).toMatchObject({ operation: { state: 'RUNNING' } });
  await operationLoop.runRound();
  expect(await town.act('stopOperation', ann, id)).toMatchObject({
    operation: { state: 'STOPPED', total: 120, done: 100, skipped: 20, organization: { id: acme } },
  });
  await town.runAll();
  expect(Object.keys(await town.holds()).sort()).toEqual(ids.toSorted().slice(0, 100));
  expect(await town.act('resumeOperation', ann, id)).toMatchObject({ code: 'OPERATION_STATE_MISMATCH' });
  await town.act('undoOperation', ann, id);
  await town.runAll();
  expect(await town.holds()).toEqual({});
  expect(await town.read(id)).toMatchObject({ state: 'UNDONE', undone: 100, skipped: 20 });
  const types = await town.gateway.prisma.event.findMany({
    where: { type: { startsWith: 'OPERATION_' }, ownerId: acme },
    orderBy: { position: 'asc' },
    select: { type: true },
  });
  expect(types.map(({ type }) => type.slice('OPERATION_'.length))).toEqual([
    'STARTED',
    'PAUSED',
    'STARTED',
    'STOPPED',
    'STARTED',
    'ENDED',
  ]);
});

test('operations: a confirmation is valid once, for its maker, for its change, for 15 minutes', async () => {
  const town = await openOperationTown();
  const { admin, ann, adam, acme } = town;
  await town.makeKeys(2);
  const hold = { filter: { owner: acme }, change: 'HOLD' };
  const { confirmation } = await town.changeKeys(ann, { ...hold, dryRun: true });
  const invalid = { code: 'CONFIRMATION_NOT_VALID' };
  for (const other of [adam, admin])
    expect(await town.changeKeys(other, { ...hold, confirmation })).toMatchObject(invalid);
  for (const change of [{ change: 'REVOKE' }, { filter: { owner: acme, neverUsed: true } }]) {
    expect(await town.changeKeys(ann, { ...hold, ...change, confirmation })).toMatchObject(invalid);
  }
  expect(await town.changeKeys(ann, { ...hold, confirmation: 'guessed' })).toMatchObject(invalid);
  expect(await town.changeKeys(ann, { ...hold, confirmation })).toMatchObject({ operation: { total: 2 } });
  expect(await town.changeKeys(ann, { ...hold, confirmation })).toMatchObject(invalid);

  const late = await town.changeKeys(ann, { ...hold, dryRun: true });
  town.gateway.clock.advance(15 * MINUTE_MS);
  const { token } = await town.signInAgain(ann);
  expect(await town.changeKeys({ token }, { ...hold, confirmation: late.confirmation })).toMatchObject(invalid);
  expect(JSON.stringify(await town.gateway.prisma.changePreview.findMany())).not.toContain(late.confirmation);

  const filters = [
    {},
    { realm: 'default' },
    { states: ['ACTIVE', 'HELD', 'EXPIRED', 'REVOKED'] },
    { search: '', labels: [] },
    { search: 'release' },
    { unusedSince: '2999-01-01T00:00:00Z' },
    { stopsBefore: null, neverUsed: true },
    { labels: [{ name: 'repo', value: 'acme' }], exchanged: false },
  ];
  for (const filter of filters) {
    const everything = { filter, change: 'HOLD' };
    const all = await town.changeKeys(admin, { ...everything, dryRun: true });
    expect(await town.changeKeys(admin, { ...everything, confirmation: all.confirmation })).toMatchObject({
      error: 'BAD_USER_INPUT',
      message: expect.stringContaining('all: found false'),
    });
    const started = await town.changeKeys(admin, { ...everything, all: true, confirmation: all.confirmation });
    expect(started.operation).toMatchObject({ state: 'RUNNING' });
  }
  // What is issued or ends after the dry run does not change what its filter left out.
  const whole = { filter: { unusedSince: '2999-01-01T00:00:00Z' }, change: 'HOLD' };
  const { confirmation: ofAll } = await town.changeKeys(admin, { ...whole, dryRun: true });
  const [other] = await town.makeKeys(1, { labels: [{ name: 'repo', value: 'other' }] });
  expect(await town.changeKeys(admin, { ...whole, confirmation: ofAll })).toMatchObject({
    message: expect.stringContaining('all: found false'),
  });
  const some = { filter: { labels: [{ name: 'repo', value: 'acme' }] }, change: 'HOLD' };
  const { confirmation: ofSome } = await town.changeKeys(admin, { ...some, dryRun: true });
  await town.gateway.prisma.key.update({ where: { id: other! }, data: { revokedAt: town.gateway.clock.now() } });
  expect(await town.changeKeys(admin, { ...some, confirmation: ofSome })).toMatchObject({
    operation: { state: 'RUNNING' },
  });
});

test('operations: only persons change many keys: administrators a realm’s, OWNERs and ADMINs their organization’s', async () => {
  const town = await openOperationTown();
  const { admin, ann, adam, mia, gus, eve, olga, acme } = town;
  await town.makeKeys(2);
  const key = { token: (await town.issue(ann.token, { owner: acme })).secret };
  const outcomes = async (filter: object) => {
    const callers = { admin, ann, adam, mia, gus, eve, olga, key };
    const asked = Object.entries(callers).map(async ([name, who]) => {
      const { error, matchedCount } = await town.changeKeys(who, { filter, change: 'HOLD', dryRun: true });
      return [name, error ?? matchedCount];
    });
    return Object.fromEntries(await Promise.all(asked));
  };
  const others = { mia: 'FORBIDDEN', gus: 'FORBIDDEN', eve: 'FORBIDDEN', olga: 'FORBIDDEN', key: 'FORBIDDEN' };
  expect(await outcomes({ owner: acme })).toEqual({ admin: 3, ann: 3, adam: 3, ...others });
  expect(await outcomes({})).toEqual({ admin: 3, ann: 'FORBIDDEN', adam: 'FORBIDDEN', ...others });

  const { id } = await town.start(ann, { filter: { owner: acme }, change: 'HOLD' });
  for (const who of [mia, gus, eve, olga, key]) {
    const { data } = await town.gateway.ask(
      'query ($id: ID!) { operation(id: $id) { id } node(id: $id) { id } operations { edges { node { id } } } }',
      { id },
      who.token,
    );
    expect(data).toEqual({ operation: null, node: null, operations: { edges: [] } });
    for (const mutation of [
      'pauseOperation',
      'resumeOperation',
      'stopOperation',
      'undoOperation',
      'approveOperation',
    ]) {
      expect(await town.act(mutation, who, id)).toMatchObject({ code: 'OPERATION_NOT_FOUND' });
    }
  }
  expect(
    (await town.gateway.ask('query ($id: ID!) { node(id: $id) { id } }', { id }, adam.token)).data['node'],
  ).toEqual({ id });
  const { data } = await town.gateway.ask(
    '{ operations(realm: "default", states: [RUNNING]) { edges { node { id } } } }',
    {},
    adam.token,
  );
  expect(data['operations'].edges).toEqual([{ node: { id } }]);
  // The account that runs it loses its role: nobody answers for the rest.
  await town.gateway.prisma.membership.update({
    where: { organizationId_accountId: { organizationId: acme, accountId: ann.id } },
    data: { role: 'MEMBER' },
  });
  await town.runAll();
  expect(await town.read(id)).toMatchObject({ state: 'STOPPED', done: 0, skipped: 3 });
  expect(await town.holds()).toEqual({});
});

test('operations: above the set number a second person approves; the proposer cannot', async () => {
  const town = await openOperationTown({ approvalKeys: 3 });
  const { admin, ann, adam, mia, acme } = town;
  const ids = await town.makeKeys(3);
  const first = await town.start(ann, { filter: { owner: acme, unusedSince: '2999-01-01T00:00:00Z' }, change: 'HOLD' });
  expect(first.state).toBe('RUNNING');
  await town.runAll();
  // Three keys in a day are as many as one person may change. What was changed before counts.
  const { id, state } = await town.start(ann, {
    filter: { owner: acme, unusedSince: '2999-01-01T00:00:00Z' },
    change: 'REVOKE',
  });
  expect(state).toBe('AWAITING_APPROVAL');
  await town.runAll();
  expect(await town.gateway.prisma.key.count({ where: { revokedAt: { not: null } } })).toBe(0);
  expect(await town.act('approveOperation', ann, id)).toMatchObject({ error: 'FORBIDDEN' });
  expect(await town.act('approveOperation', mia, id)).toMatchObject({ code: 'OPERATION_NOT_FOUND' });
  // Until the approval one key stops matching.
  await town.gateway.prisma.key.update({ where: { id: ids[0]! }, data: { revokedAt: town.gateway.clock.now() } });
  expect(await town.act('approveOperation', adam, id)).toMatchObject({
    operation: { state: 'RUNNING', approvedBy: { id: adam.id }, skipped: 1 },
  });
  await town.runAll();
  expect(await town.read(id)).toMatchObject({ state: 'DONE', done: 2, skipped: 1, actor: { id: ann.id } });

  const late = await town.start(ann, { filter: { owner: acme }, change: 'TRANSFER', owner: town.ann.id });
  expect(late).toMatchObject({ total: 0, state: 'RUNNING' });
  await town.makeKeys(4);
  const waiting = await town.start(admin, { filter: { owner: acme }, change: 'HOLD' });
  expect(waiting.state).toBe('AWAITING_APPROVAL');
  town.gateway.clock.advance(7 * 24 * 60 * MINUTE_MS);
  await town.runAll();
  expect(await town.read(waiting.id)).toMatchObject({ state: 'STOPPED', skipped: 4 });
});

test('operations: a proposal is not approved if its filter has what this release does not know, and stays proposed', async () => {
  const town = await openOperationTown({ approvalKeys: 1 });
  const { ann, adam, acme, gateway } = town;
  await town.makeKeys(2);
  await town.makeKeys(1, { labels: [{ name: 'team', value: 'a' }] });
  const sent = { owner: acme, issuedBefore: '2999-01-01T00:00:00Z', labels: [{ name: 'team', value: 'a' }] };
  const { id } = await town.start(ann, { filter: { owner: acme, states: ['ACTIVE'] }, change: 'REVOKE' });
  const store = (filter: object) => gateway.prisma.operation.update({ where: { id }, data: { filter } });
  // As a newer release may store it. Without that part each filter would choose more keys.
  for (const [unknown, named] of [
    [{ owner: acme, onlyUnlabeled: true }, 'onlyUnlabeled'],
    [{ owner: acme, states: ['ACTIVE', 'SLEEPING'] }, 'SLEEPING'],
    [{ owner: acme, issuedBefore: 'last summer' }, 'issuedBefore'],
    [{ owner: acme, labels: [{ name: 'team', value: 'a', isPrefix: true }] }, 'isPrefix'],
    [[acme], 'KeyFilter'],
  ] as const) {
    await store(unknown);
    const refused = await town.act('approveOperation', adam, id);
    expect(refused).toMatchObject({ code: 'OPERATION_STATE_MISMATCH' });
    expect(refused.message).toMatch(
      /^This node cannot read the filter of the operation: filter[^\n]+["\w]\. Another release proposed it: approve it at a node of that release, or stop it and propose it again\.$/,
    );
    expect(refused.message).toContain(named);
    expect((await town.read(id)).state).toBe('AWAITING_APPROVAL');
  }
  await store(sent);
  expect((await town.act('approveOperation', adam, id)).operation).toMatchObject({ state: 'RUNNING', skipped: 2 });
});

test('operations: one with a value or of a kind that this release does not know is left to nodes that do', async () => {
  const town = await openOperationTown();
  const { ann, acme, gateway } = town;
  await town.makeKeys(2);
  const { id } = await town.start(ann, {
    filter: { owner: acme },
    change: 'LABEL',
    labels: [{ name: 'a', value: 'b' }],
  });
  const known = await gateway.prisma.operation.findUniqueOrThrow({ where: { id } });
  const store = (data: object) => gateway.prisma.operation.update({ where: { id }, data });
  await store({ change: { ...(known.change as object), onlyIfUnlabeled: true } });
  await town.runAll();
  await store({ change: known.change as object, kind: 'ARCHIVE' });
  await town.runAll();
  expect(await gateway.prisma.operation.findUnique({ where: { id } })).toMatchObject({ state: 'RUNNING', done: 0 });
  expect(await gateway.prisma.label.count({ where: { name: 'a' } })).toBe(0);
  // They take no turn of one that is known, however many they are.
  const unknown = await gateway.prisma.operation.findUniqueOrThrow({ where: { id } });
  const more = Array.from({ length: 20 }, (_, index) => ({ ...unknown, id: `operation_00${index}` }));
  await gateway.prisma.operation.createMany({
    data: more.map(({ change, filter, ...row }) => ({ ...row, change: change ?? {}, filter: filter ?? {} })),
  });
  await store({ kind: 'LABEL' });
  await town.runAll();
  expect(await town.read(id)).toMatchObject({ state: 'DONE', done: 2 });
});

test('operations: of two over the same keys each is undone alone; labels that others changed since stay', async () => {
  const town = await openOperationTown();
  const { admin, ann, acme } = town;
  const [key, other] = await town.makeKeys(2, {
    labels: [
      { name: 'team', value: 'a' },
      { name: 'repo', value: 'r' },
    ],
  });
  const filter = { owner: acme };
  const byAnn = await town.start(ann, { filter, change: 'HOLD' });
  const byAdmin = await town.start(admin, { filter, change: 'HOLD' });
  const again = await town.start(ann, { filter, change: 'HOLD' });
  await town.runAll();
  const held = (await town.holds())[key!] ?? [];
  expect(held.toSorted()).toEqual([byAnn.id, byAdmin.id, again.id].toSorted());
  await town.act('undoOperation', ann, byAnn.id);
  await town.runAll();
  expect((await town.holds())[key!]?.toSorted()).toEqual([byAdmin.id, again.id].toSorted());
  for (const [who, { id }] of [
    [admin, byAdmin],
    [ann, again],
  ] as const)
    await town.act('undoOperation', who, id);
  await town.runAll();
  expect(await town.holds()).toEqual({});

  const label = await town.start(ann, {
    filter,
    change: 'LABEL',
    labels: [
      { name: 'team', value: 'b' },
      { name: 'incident', value: '7' },
    ],
    removeLabels: ['repo'],
  });
  await town.runAll();
  await town.gateway.prisma.label.updateMany({ where: { keyId: other!, name: 'team' }, data: { value: 'c' } });
  await town.act('undoOperation', ann, label.id);
  await town.runAll();
  const labelsOf = async (keyId: string) =>
    (await town.gateway.prisma.label.findMany({ where: { keyId }, orderBy: { name: 'asc' } })).map(
      ({ name, value }) => `${name}=${value}`,
    );
  expect(await labelsOf(key!)).toEqual(['repo=r', 'team=a']);
  expect(await labelsOf(other!)).toEqual(['repo=r', 'team=c']);

  const resumed = await town.start(ann, { filter: { ...filter, states: ['ACTIVE'] }, change: 'REVOKE' });
  await town.runAll();
  expect(await town.read(resumed.id)).toMatchObject({ state: 'DONE', done: 2 });
  expect(await town.act('undoOperation', ann, resumed.id)).toMatchObject({ code: 'OPERATION_STATE_MISMATCH' });
});

test('operations: the undo of LABEL reads from the log what the operation did not store, and fails if it is not known', async () => {
  const town = await openOperationTown();
  const { ann, acme, gateway } = town;
  const { prisma } = gateway;
  const names = ['in the log', 'in the history', 'unknown', 'changed since'];
  const keys = await Promise.all(
    names.map((name) => town.issue(ann.token, { owner: acme, name, labels: [{ name: 'team', value: 'a' }] })),
  );
  const [inLog, inHistory, unknown, changed] = keys.map(({ id }) => id);
  const labels = [
    { name: 'team', value: 'b' },
    { name: 'incident', value: '7' },
  ];
  const { id } = await town.start(ann, { filter: { owner: acme }, change: 'LABEL', labels });
  await town.runAll();
  // As by a release that stores no labels.
  await prisma.operationKey.updateMany({ where: { operationId: id }, data: { before: Prisma.DbNull } });
  await prisma.$executeRaw`
    WITH gone AS (DELETE FROM "Event" WHERE "keyId" = ${inHistory} RETURNING *) INSERT INTO "KeyHistory" SELECT * FROM gone`;
  await prisma.event.deleteMany({ where: { keyId: { in: [unknown!, changed!] } } });
  await prisma.label.deleteMany({ where: { keyId: changed! } });
  await town.act('undoOperation', ann, id);
  await town.runAll();
  const labelsOf = async (keyId: string) =>
    (await prisma.label.findMany({ where: { keyId }, orderBy: { name: 'asc' } })).map(
      ({ name, value }) => `${name}=${value}`,
    );
  expect(await labelsOf(inLog!)).toEqual(['team=a']);
  expect(await labelsOf(inHistory!)).toEqual(['team=a']);
  expect(await labelsOf(unknown!)).toEqual(['incident=7', 'team=b']);
  const { keys: rows, ...operation } = await town.read(id);
  expect(operation).toMatchObject({ state: 'UNDONE', done: 4, undone: 3 });
  const states = new Map(rows.edges.map(({ node }: any) => [node.key.id, node]));
  expect(states.get(unknown)).toMatchObject({
    state: 'UNDO_FAILED',
    code: 'OPERATION_STATE_MISMATCH',
    message:
      'Neither the operation nor the log has recorded which labels the key had before, so they stay as they are. Change the labels of the key.',
  });
  // None of its labels is as the operation set it: nothing is left to restore.
  expect(states.get(changed)).toMatchObject({ state: 'UNDONE', code: null });
});

test('operations: keys that cannot be changed are listed with their reasons, and hold up no other', async () => {
  const town = await openOperationTown();
  const { admin, ann, acme } = town;
  const [first, second, third] = await town.makeKeys(3);
  await town.start(admin, { filter: { owner: acme, search: 'release' }, change: 'HOLD' });
  await town.runAll();
  // Ann may not lift the holds of an administrator.
  const resume = await town.start(ann, { filter: { owner: acme }, change: 'RESUME' });
  await town.runAll();
  const result = await town.read(resume.id);
  expect(result).toMatchObject({ state: 'DONE', done: 0, failed: 3 });
  expect(result.keys.edges.map(({ node }: any) => node.code)).toEqual([
    'HOLD_NOT_YOURS',
    'HOLD_NOT_YOURS',
    'HOLD_NOT_YOURS',
  ]);
  const lifted = await town.start(admin, { filter: { owner: acme }, change: 'RESUME' });
  await town.runAll();
  expect(await town.read(lifted.id)).toMatchObject({ done: 3 });
  // FORBIDDEN for one key: the labels under policy/ are an administrator's.
  await town.gateway.prisma.label.create({ data: { keyId: second!, name: 'policy/team', value: 'a' } });
  const label = await town.start(ann, { filter: { owner: acme }, change: 'LABEL', removeLabels: ['policy/team'] });
  await town.runAll();
  const labelled = await town.read(label.id);
  expect(labelled).toMatchObject({ state: 'DONE', done: 2, failed: 1 });
  expect(labelled.keys.edges.map(({ node }: any) => [node.key.id, node.code])).toEqual(
    [first, second, third].toSorted().map((id) => [id, id === second ? 'FORBIDDEN' : null]),
  );
  const renewed = await town.start(ann, { filter: { owner: acme }, change: 'RENEW', lifetime: 'P30D' });
  const given = await town.start(admin, { filter: { owner: acme }, change: 'TRANSFER', owner: ann.id });
  await town.runAll();
  expect(await town.read(renewed.id)).toMatchObject({ state: 'DONE', done: 3 });
  expect(await town.read(given.id)).toMatchObject({ state: 'DONE', done: 3 });
  expect(await town.gateway.prisma.key.count({ where: { accountId: ann.id, renewalCount: 1 } })).toBe(3);
});

test('operations: confirmations at once count each other, so that a second person approves', async () => {
  const town = await openOperationTown({ approvalKeys: 3 });
  await town.makeKeys(3);
  const hold = { filter: { owner: town.acme }, change: 'HOLD' };
  const confirmations = [];
  for (let count = 0; count < 4; count += 1) {
    confirmations.push((await town.changeKeys(town.ann, { ...hold, dryRun: true })).confirmation);
  }
  const started = await Promise.all(
    confirmations.map((confirmation) => town.changeKeys(town.ann, { ...hold, confirmation })),
  );
  const states = started.map(({ operation }) => operation.state);
  expect(states.toSorted()).toEqual(['AWAITING_APPROVAL', 'AWAITING_APPROVAL', 'AWAITING_APPROVAL', 'RUNNING']);
});

test('operations: a repeated dry run returns its confirmation again, until that was used', async () => {
  const town = await openOperationTown();
  await town.makeKeys(1);
  const hold = { filter: { owner: town.acme }, change: 'HOLD' };
  const dryRun = { ...hold, dryRun: true, idempotencyKey: 'once' };
  const { confirmation } = await town.changeKeys(town.ann, dryRun);
  expect((await town.changeKeys(town.ann, dryRun)).confirmation).toBe(confirmation);
  await town.changeKeys(town.ann, { ...hold, confirmation });
  expect((await town.changeKeys(town.ann, dryRun)).confirmation).toBeNull();
});

test('operations: a key that went to another owner is listed by its id alone', async () => {
  const town = await openOperationTown();
  const { ann, olga, acme } = town;
  const [id] = await town.makeKeys(1);
  const { id: operationId } = await town.start(ann, { filter: { owner: acme }, change: 'HOLD' });
  await town.runAll();
  const query = 'query ($id: ID!) { operation(id: $id) { keys { edges { node { keyId key { name } } } } } }';
  const ask = async () => (await town.gateway.ask(query, { id: operationId }, ann.token)).data['operation'].keys.edges;
  expect(await ask()).toEqual([{ node: { keyId: id, key: { name: expect.any(String) } } }]);
  const data = { organizationId: null, accountId: olga.id };
  await town.gateway.prisma.key.update({ where: { id: id! }, data });
  expect(await ask()).toEqual([{ node: { keyId: id, key: null } }]);
});

test('operations: one that fails does not hold up the others, and a late failure overwrites no result', async () => {
  const town = await openOperationTown();
  const { ann, acme } = town;
  const { prisma, services } = town.gateway;
  const ids = await town.makeKeys(2);
  const { id: broken } = await town.start(ann, { filter: { owner: acme }, change: 'HOLD' });
  const { id: sound } = await town.start(ann, { filter: { owner: acme }, change: 'HOLD' });
  await prisma.operation.update({ where: { id: broken }, data: { kind: 'FROM_ANOTHER_RELEASE' } });
  await town.runAll();
  expect(await town.read(sound)).toMatchObject({ state: 'DONE', done: 2, failed: 0 });
  const late = { keyId: ids[0]!, state: 'FAILED' as const, code: 'LATE', message: 'late', before: null, ownerId: null };
  await change(services, (change) => writeResults(change, sound, [late]));
  expect(await town.read(sound)).toMatchObject({ done: 2, failed: 0 });
  expect(await prisma.operationKey.count({ where: { operationId: sound, state: 'DONE' } })).toBe(2);
});
