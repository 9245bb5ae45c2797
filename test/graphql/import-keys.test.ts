import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { openGateway } from '../support/gateway.ts';
import { makeImportRows } from '../support/import-rows.ts';
import { mutationQuery } from '../support/mutation-query.ts';
import { ISSUE_KEY, VERIFY_KEY } from '../support/operations.ts';

const IMPORT = mutationQuery(
  'importKeys',
  'keys { id name } rows { index keyId unchanged stopsAt stopsBasis bindsAt } refused { index code message }',
);
const PUSH = { action: 'package:push', resource: 'Acme.*' };

interface Row {
  readonly index: number;
  readonly keyId: string | null;
  readonly unchanged: boolean;
  readonly stopsAt: string | null;
  readonly bindsAt: string | null;
}

test('importKeys: takes over keys by the digests of their secrets, once, and lists refused rows', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const { id: owner, token } = await gateway.person('ann');
  const run = async (keys: readonly object[], more: object = {}, credential = admin) =>
    gateway.ask(IMPORT, { input: { realm: 'default', keys, ...more } }, credential);
  const imported = async (...given: Parameters<typeof run>) =>
    (await run(...given)).data['importKeys'] as {
      keys: { id: string }[];
      rows: Row[];
      refused: { index: number; code: string; message: string }[];
    };
  const verify = async (secret: string) =>
    (await gateway.ask(VERIFY_KEY, { input: { secret } }, admin)).data['verifyKey'].outcome as string;
  const now = gateway.clock.now();
  const made = makeImportRows(4, owner);
  const [active, held, revoked, old] = made.map(({ secret }) => secret) as [string, string, string, string];
  const rows = [
    { ...made[0]?.row, source: 'unkey', externalKeyId: 'k1', labels: [{ name: 'team', value: 'core' }] },
    { ...made[1]?.row, digest: hash('sha256', held, 'base64'), state: 'HELD', stateReason: 'an incident' },
    { ...made[2]?.row, digest: hash('sha256', revoked, 'base64url'), state: 'REVOKED', stateReason: 'it leaked' },
    { ...made[3]?.row, createdAt: addMs(now, -900 * DAY_MS), lastUsedAt: addMs(now, -800 * DAY_MS) },
  ];

  // A dry run says what would become of the rows, and changes nothing.
  const ramp = { bindFrom: addMs(now, 60 * DAY_MS).toISOString(), spreadOver: 'P100D' };
  const tried = await imported(rows, { ramp, dryRun: true });
  expect(tried.rows.map(({ keyId }) => keyId)).toEqual([null, null, null, null]);
  expect(await gateway.prisma.key.count()).toBe(0);

  const first = await imported(rows, { ramp });
  expect(first.refused).toEqual([]);
  expect(first.rows.map(({ stopsAt }) => stopsAt)).toEqual(tried.rows.map(({ stopsAt }) => stopsAt));
  expect([await verify(active), await verify(held), await verify(revoked), await verify(old)]).toEqual([
    'VALID',
    'KEY_HELD',
    'KEY_REVOKED',
    'VALID',
  ]);
  // The key that was unused for 800 days stops only after the ramp; until then the policies of the realm do not bind it.
  const [, , , oldRow] = first.rows;
  const bindsAt = Date.parse(oldRow?.bindsAt ?? '');
  expect(bindsAt).toBeGreaterThanOrEqual(Date.parse(ramp.bindFrom));
  expect(bindsAt).toBeLessThan(Date.parse(ramp.bindFrom) + 100 * DAY_MS);
  expect(oldRow?.stopsAt).toBe(oldRow?.bindsAt);
  const events = await gateway.prisma.event.findMany({
    where: { realmId: { not: null }, keyId: { not: null } },
    orderBy: { position: 'asc' },
  });
  expect(events.filter(({ type }) => type !== 'KEY_FIRST_USED').map(({ type }) => type)).toEqual([
    'KEY_ISSUED',
    'KEY_ISSUED',
    'KEY_HELD',
    'KEY_ISSUED',
    'KEY_REVOKED',
    'KEY_ISSUED',
    'KEY_DORMANCY_WARNED',
  ]);
  expect(events[0]?.data).toMatchObject({
    importedFrom: 'unkey',
    externalKeyId: 'k1',
    bindsAt: first.rows[0]?.bindsAt,
  });

  // The same rows again change nothing; other values under the same id, and digests that are taken, are refused.
  const { secret: own } = (
    await gateway.ask(ISSUE_KEY, { input: { realm: 'default', name: 'own', scopes: [PUSH] } }, admin)
  ).data['issueKey'];
  const [fresh, twin, ...others] = makeImportRows(13, owner).map(({ row }) => row);
  const other = () => others.pop();
  const again = await imported([
    ...rows,
    { ...rows[0], name: 'another name' },
    { ...fresh, digest: hash('sha256', own, 'hex') },
    { ...fresh, digest: 'no digest' },
    { ...fresh },
    { ...twin, digest: fresh?.digest },
    { ...other(), owner: 'account_01m844evt8fhatnd989cp557ja' },
    { ...other(), scopes: [{ action: 'image:pull', resource: '*' }] },
    { ...other(), scopes: [{ action: 'keytide:read', resource: '**' }] },
    { ...other(), start: 'sk_live_' },
    { ...other(), expiresAt: addMs(now, 900 * DAY_MS) },
    { ...other(), randomBits: 64 },
    { ...other(), state: 'HELD' },
    { ...other(), lastUsedAt: addMs(now, DAY_MS) },
    { ...other(), name: '' },
  ]);
  expect(again.rows.map(({ index, unchanged }) => [index, unchanged])).toEqual([
    [0, true],
    [1, true],
    [2, true],
    [3, true],
    [7, false],
  ]);
  expect(again.keys.slice(0, 4).map(({ id }) => id)).toEqual(first.keys.map(({ id }) => id));
  expect(again.refused.map(({ index, code }) => [index, code])).toEqual([
    [4, 'KEY_EXISTS'],
    [5, 'BAD_USER_INPUT'],
    [6, 'BAD_USER_INPUT'],
    [8, 'KEY_EXISTS'],
    [9, 'OWNER_NOT_FOUND'],
    [10, 'SCOPE_NOT_ALLOWED'],
    [11, 'BAD_USER_INPUT'],
    [12, 'FOREIGN_SECRETS_NOT_ACCEPTED'],
    [13, 'EXPIRY_OUT_OF_BOUNDS'],
    [14, 'BAD_USER_INPUT'],
    [15, 'BAD_USER_INPUT'],
    [16, 'BAD_USER_INPUT'],
    [17, 'BAD_USER_INPUT'],
  ]);
  // The digest of another key's secret is refused like a text that is no digest.
  expect(again.refused[1]?.message).toBe(again.refused[2]?.message);

  // Secrets of another form verify in a realm that accepts them; importing them again changes nothing, whatever their bits.
  const accept = (randomBits: number) =>
    gateway.ask(
      mutationQuery('updateRealm', 'realm { id }'),
      { input: { realm: 'default', foreignSecrets: { pattern: '[0-9a-f]{40}', randomBits } } },
      admin,
    );
  for (const [text, randomBits] of [
    ['ab'.repeat(20), 160],
    ['cd'.repeat(20), 96],
  ] as const) {
    expect((await accept(randomBits)).data['updateRealm'].__typename).toBe('UpdateRealmSuccess');
    const foreign = { ...other(), digest: hash('sha256', text, 'hex'), start: text.slice(0, 6) };
    expect((await imported([foreign])).rows).toMatchObject([{ unchanged: false }]);
    expect(await verify(text)).toBe('VALID');
    await accept(100);
    expect((await imported([foreign])).rows).toMatchObject([{ unchanged: true }]);
  }

  // Only administrators import, as persons.
  const refusal = await run(rows, {}, token);
  expect(refusal.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);

  // The first stops of many keys are spread over the ramp.
  const many = makeImportRows(200, owner, {
    createdAt: addMs(now, -900 * DAY_MS),
    lastUsedAt: addMs(now, -800 * DAY_MS),
  });
  const spread = await imported(
    many.map(({ row }) => row),
    { ramp },
  );
  const days = new Set(spread.rows.map(({ stopsAt }) => stopsAt?.slice(0, 10)));
  expect(days.size).toBeGreaterThan(50);
  // Without a ramp none stops before the notice period.
  const hasty = await imported(
    makeImportRows(1, owner, { createdAt: addMs(now, -900 * DAY_MS), lastUsedAt: addMs(now, -800 * DAY_MS) }).map(
      ({ row }) => row,
    ),
  );
  expect(Date.parse(hasty.rows[0]?.stopsAt ?? '')).toBe(addMs(now, 30 * DAY_MS).getTime());

  // Reviews leave the ramp as it is.
  await gateway.travel(40 * DAY_MS);
  const [unused] = spread.rows;
  const kept = await gateway.prisma.key.findUniqueOrThrow({ where: { id: unused?.keyId ?? '' } });
  expect(kept).toMatchObject({ stopsAt: new Date(unused?.stopsAt ?? ''), expiredAt: null });
});

test('importKeys: a key that was not used for long is warned with its import, and its first review finds nothing more', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const { id: owner } = await gateway.person('ann');
  const now = gateway.clock.now();
  const [idle, held, used] = makeImportRows(3, owner).map(({ row }) => row);
  const since = { createdAt: addMs(now, -900 * DAY_MS), lastUsedAt: addMs(now, -800 * DAY_MS) };
  const keys = [
    { ...idle, ...since },
    { ...held, ...since, state: 'HELD', stateReason: 'an incident' },
    { ...used, ...since, lastUsedAt: addMs(now, -DAY_MS) },
  ];
  const ramp = { bindFrom: addMs(now, 60 * DAY_MS).toISOString(), spreadOver: 'P100D' };
  await gateway.ask(IMPORT, { input: { realm: 'default', keys, ramp } }, admin);
  const read = async () => ({
    keys: await gateway.prisma.key.findMany({ orderBy: { id: 'asc' } }),
    events: await gateway.prisma.event.findMany({ where: { keyId: { not: null } }, orderBy: { position: 'asc' } }),
  });
  const before = await read();
  expect(before.keys.map(({ standing }) => standing).toSorted()).toEqual(['ACTIVE', 'WARNED', 'WARNED']);
  const warned = before.events.filter(({ type }) => type === 'KEY_DORMANCY_WARNED');
  const { actorKind, reason, data, at } = warned[0]!;
  expect({ actorKind, reason, data, at }).toEqual({
    actorKind: 'POLICY',
    reason: expect.stringContaining('A key that is not used for'),
    data: { code: 'UNUSED', stopsAt: before.keys.find(({ id }) => id === warned[0]?.keyId)?.stopsAt?.toISOString() },
    at: now,
  });
  expect(warned).toHaveLength(2);
  for (const { reviewAt } of before.keys) expect(reviewAt?.getTime()).toBeGreaterThan(now.getTime());
  // Reviewed all the same, they stay as they are.
  await gateway.prisma.key.updateMany({ data: { reviewAt: now } });
  await gateway.node.reviewer.reviewDue();
  expect(await read()).toEqual(before);

  // Without a ramp a notice is due with the import: it is left to the review, which sends it.
  const [soon] = makeImportRows(1, owner).map(({ row }) => row);
  await gateway.ask(IMPORT, { input: { realm: 'default', keys: [{ ...soon, ...since }] } }, admin);
  const due = await gateway.prisma.key.findFirstOrThrow({ where: { bindsAt: null } });
  expect([due.standing, due.reviewAt]).toEqual(['ACTIVE', now]);
});

test('importKeys: an expiry that policy chooses leaves the notice period, also without a ramp', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const { id: owner } = await gateway.person('ann');
  const perform = async (mutation: string, input: object, selection: string) =>
    (await gateway.ask(mutationQuery(mutation, selection), { input: { realm: 'default', ...input } }, admin)).data[
      mutation
    ];
  await perform('updateRealm', { foreignSecrets: { pattern: '[0-9a-f]{40}', randomBits: 160 } }, 'realm { id }');
  const bound = { policy: 'bounded-lifetime', config: { shortest: 'P1D', longest: 'P90D', default: 'P7D' } };
  await perform('bindPolicy', { ...bound, noticePeriod: 'P30D' }, 'binding { id }');
  const keys = [{ digest: 'ab'.repeat(32), name: 'k', scopes: [PUSH], owner }];
  const { rows, refused } = await perform(
    'importKeys',
    { keys, idempotencyKey: 'once' },
    'rows { stopsAt } refused { message }',
  );
  expect(refused).toEqual([]);
  expect(new Date(rows[0].stopsAt) >= addMs(gateway.clock.now(), 30 * DAY_MS)).toBe(true);
  // The rows are compared under an idempotency key, although the record has no plain digest of them.
  const other = { keys: [{ ...keys[0], name: 'another' }], idempotencyKey: 'once' };
  expect(await perform('importKeys', other, '__typename')).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
});

test('importKeys: one secret is one key of a realm, whatever its rows say of its form', async () => {
  const gateway = await openGateway();
  const admin = await gateway.admin();
  const { id: owner } = await gateway.person('ann');
  const perform = async (mutation: string, input: object, selection: string) => {
    const answer = await gateway.ask(mutationQuery(mutation, selection), { input }, admin);
    return answer.data?.[mutation] ?? answer.errors?.[0];
  };
  await perform('createRealm', { slug: 'other', name: 'Other' }, 'realm { id }');
  await perform('defineAction', { realm: 'other', name: PUSH.action, description: 'Push' }, 'realm { id }');
  const foreignSecrets = { pattern: '[0-9a-f]{40}', randomBits: 160 };
  for (const realm of ['default', 'other']) await perform('updateRealm', { realm, foreignSecrets }, 'realm { id }');
  const importInto = async (realm: string, ...rows: object[]) => {
    const keys = rows.map((row) => ({ name: 'theirs', scopes: [PUSH], owner, ...row }));
    const { rows: imported, refused } = await perform(
      'importKeys',
      { realm, keys },
      'rows { unchanged } refused { code }',
    );
    const codes = refused.map(({ code }: { code: string }) => code);
    return [...imported.map(({ unchanged }: Row) => (unchanged ? 'UNCHANGED' : 'NEW')), ...codes];
  };
  const digestOf = (text: string) => hash('sha256', text, 'hex');
  const ownStart = { start: 'kt_abcdef' };

  // In one call, in either order.
  const [one, two, three] = ['1a', '2b', '3c'].map((pair) => pair.repeat(20)) as [string, string, string];
  const rowsOf = (text: string) => [{ digest: digestOf(text), ...ownStart }, { digest: digestOf(text) }] as const;
  expect(await importInto('default', ...rowsOf(one))).toEqual(['NEW', 'KEY_EXISTS']);
  expect(await importInto('default', ...rowsOf(two).toReversed())).toEqual(['NEW', 'KEY_EXISTS']);
  // In a later call.
  for (const text of [one, two]) {
    const answers = [];
    for (const row of rowsOf(text)) answers.push(...(await importInto('default', row)));
    expect(answers.toSorted()).toEqual(['KEY_EXISTS', 'UNCHANGED']);
  }
  // Another realm takes the same secret, and what it does is no obstacle to the same rows again.
  expect(await importInto('other', rowsOf(two)[0])).toEqual(['NEW']);
  expect(await importInto('default', rowsOf(two)[1])).toEqual(['UNCHANGED']);

  // A key that was announced does not get the secret of another key.
  const bcrypt = '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW';
  expect(await importInto('default', { digest: bcrypt, externalKeyId: 'k1' })).toEqual(['NEW']);
  const adopt = async (secret: string) =>
    (await perform('adoptKey', { realm: 'default', secret, key: { externalKeyId: 'k1' } }, 'key { id }')).__typename;
  expect([await adopt(one), await adopt(two), await adopt(three)]).toEqual([
    'SecretNotAccepted',
    'SecretNotAccepted',
    'AdoptKeySuccess',
  ]);
  expect(await importInto('default', rowsOf(three)[0])).toEqual(['KEY_EXISTS']);
});
