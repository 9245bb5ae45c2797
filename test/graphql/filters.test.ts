import { assertInputObjectType, coerceInputValue } from 'graphql';
import { expect, test } from 'vitest';
import { automationLateAt, automationOf, keyAutomations, type KeyAutomation } from '../../src/domain/automation.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { newId } from '../../src/domain/id.ts';
import { addMs } from '../../src/domain/key.ts';
import { readStoredFilter } from '../../src/graphql/key/read-stored-filter.ts';
import { schema } from '../../src/graphql/schema.ts';
import { keysWithAutomation } from '../../src/keys/key-conditions.ts';
import { systemRandom } from '../../src/store/random.ts';
import { keyCondition } from '../../src/store/where-sql.ts';
import { openGateway } from '../support/gateway.ts';
import { makeManyKeys, type ManyKey } from '../support/many-keys.ts';
import { seededDraw } from '../support/seeded-random.ts';

const KEYS = /* GraphQL */ `
  query ($filter: KeyFilter) {
    keys(first: 100, filter: $filter) {
      edges {
        node {
          id
          name
          state
          secrets {
            start
          }
        }
      }
    }
  }
`;

/** What a filter asks for, by the name of its field, and the names of the keys that it chooses. */
type Cases = { readonly [field: string]: readonly (readonly [unknown, readonly string[]])[] };

test('filters: every field selects the right keys', async () => {
  const shelf = await openShelf();
  const { now, organizationId, accountId, parentId, managerId, tokenRuleId, plainId, namesOf, countOf } = shelf;
  const at = (days: number) => addMs(now, days * DAY_MS).toISOString();
  const all = ['plain', 'short', 'held', 'warned', 'ending', 'dormant', 'revoked', '100%_a\\b', 'elsewhere', 'managed'];
  const without = (...left: string[]) => all.filter((name) => !left.includes(name));
  const cases: Cases = {
    ids: [
      [[plainId, newId('key', now, systemRandom)], ['plain']],
      [[], []],
    ],
    automation: [
      [['WORKING'], ['short']],
      [['LATE'], ['warned']],
      [['NONE'], without('short', 'warned')],
      [
        ['LATE', 'WORKING'],
        ['short', 'warned'],
      ],
      [[], []],
    ],
    rotating: [
      [true, ['held', 'elsewhere']],
      [false, without('held', 'elsewhere')],
    ],
    stalled: [
      [true, ['held']],
      [false, without('held')],
    ],
    leaked: [
      [true, ['revoked']],
      [false, without('revoked')],
    ],
    action: [
      ['package:unlist', ['managed']],
      ['package:push', without('managed')],
      ['package', []],
    ],
    realm: [
      ['other', ['elsewhere']],
      ['nowhere', []],
      ['', []],
    ],
    owner: [
      [organizationId, ['held', 'elsewhere']],
      [accountId, all.filter((name) => !['held', 'elsewhere', 'managed'].includes(name))],
      [newId('account', now, systemRandom), []],
      [newId('key', now, systemRandom), []],
      ['nobody', []],
    ],
    parent: [
      [parentId, ['held']],
      [newId('key', now, systemRandom), []],
      ['nobody', []],
    ],
    subject: [
      ['customer/1', ['managed']],
      ['Customer/1', []],
    ],
    issuedBy: [
      [accountId, ['warned']],
      [parentId, ['held']],
      [managerId, ['managed']],
      [newId('account', now, systemRandom), []],
    ],
    tokenRule: [
      [tokenRuleId, ['short']],
      [newId('rule', now, systemRandom), []],
    ],
    usedBy: [
      ['nightly', ['plain', 'ending']],
      ['Nightly', []],
      ['retired only', []],
    ],
    issuedAfter: [
      [at(0), all.filter((name) => name !== 'warned')],
      [at(-400), all],
    ],
    issuedBefore: [
      [at(-400), []],
      [addMs(now, 1 - 400 * DAY_MS).toISOString(), ['warned']],
    ],
    states: [
      [['ACTIVE'], ['plain', 'short', 'warned', '100%_a\\b', 'elsewhere', 'managed']],
      [['HELD'], ['held']],
      [['EXPIRED'], ['ending', 'dormant']],
      [['REVOKED'], ['revoked']],
      [
        ['HELD', 'REVOKED'],
        ['held', 'revoked'],
      ],
      [[], []],
      [null, all],
    ],
    standings: [
      [['WARNED'], ['warned']],
      [['EXPIRED', 'HELD'], ['dormant']],
      [[], []],
    ],
    labels: [
      [[{ name: 'env', value: 'prod' }], ['short', 'held']],
      [
        [
          { name: 'env', value: 'prod' },
          { name: 'repo', value: 'acme' },
        ],
        ['short'],
      ],
      [[{ name: 'env', value: 'PROD' }], []],
      [
        [
          { name: 'env', value: 'prod' },
          { name: 'env', value: 'test' },
        ],
        [],
      ],
      [[], all],
    ],
    stopsBefore: [
      [at(20), ['short', 'ending', 'dormant']],
      [addMs(now, 20 * DAY_MS + 1).toISOString(), ['short', 'warned', 'ending', 'dormant']],
    ],
    stopsAfter: [
      [at(20), ['plain', 'warned']],
      [addMs(now, 20 * DAY_MS + 1).toISOString(), ['plain']],
    ],
    unusedSince: [
      [at(-370), ['plain', 'ending', 'dormant', 'revoked', '100%_a\\b', 'elsewhere', 'managed']],
      [at(-50), ['plain', 'held', 'warned', 'ending', 'dormant', 'revoked', '100%_a\\b', 'elsewhere', 'managed']],
    ],
    neverUsed: [
      [true, ['plain', 'ending', 'dormant', 'revoked', '100%_a\\b', 'elsewhere', 'managed']],
      [false, ['short', 'held', 'warned']],
    ],
    exchanged: [
      [true, ['short']],
      [false, all.filter((name) => name !== 'short')],
    ],
    search: [
      ['HEL', ['held']],
      ['E', all.filter((name) => name.includes('e'))],
      ['%', ['100%_a\\b']],
      ['_', ['100%_a\\b']],
      ['\\', ['100%_a\\b']],
      ['0%_A\\B', ['100%_a\\b']],
      ['nothing', []],
      ['', all],
    ],
  };
  const filter = assertInputObjectType(schema.getType('KeyFilter'));
  expect(Object.keys(cases).toSorted()).toEqual(Object.keys(filter.getFields()).toSorted());
  for (const [field, values] of Object.entries(cases)) {
    for (const [value, expected] of values) {
      expect({ [field]: value, names: await namesOf({ [field]: value }) }).toEqual({
        [field]: value,
        names: expected.toSorted(),
      });
      // Counted by the same condition, as SQL.
      expect({ [field]: value, count: await countOf({ [field]: value }) }).toEqual({
        [field]: value,
        count: expected.length,
      });
    }
  }
});

test('filters: a stored filter is read back as it was sent, whatever its fields', () => {
  const at = '2027-01-31T12:00:00.000Z';
  const sent = {
    ids: [newId('key', new Date(), systemRandom)],
    realm: 'default',
    states: ['ACTIVE', 'HELD'],
    standings: [],
    automation: ['LATE'],
    labels: [{ name: 'env', value: 'prod' }],
    issuedAfter: at,
    stopsBefore: at,
    unusedSince: at,
    neverUsed: false,
    leaked: null,
    search: 'x',
  };
  const type = assertInputObjectType(schema.getType('KeyFilter'));
  const filter = coerceInputValue(sent, type);
  expect(filter).toMatchObject({ issuedAfter: new Date(at) });
  expect(readStoredFilter(schema, JSON.parse(JSON.stringify(filter)))).toEqual({ filter });
});

test('filters: a filter by automation selects exactly the keys that show that automation, at any moment', async () => {
  const gateway = await openGateway();
  const { prisma, clock } = gateway;
  const draw = seededDraw(7);
  const { id: accountId } = await prisma.account.findFirstOrThrow();
  const { id: realmId } = await prisma.realm.findFirstOrThrow();
  const now = clock.now();
  const lengths = [0, 1, 80_000, 84_375, 200_000, HOUR_MS, 5 * HOUR_MS, 12 * HOUR_MS, DAY_MS, 2 * DAY_MS, 40 * DAY_MS];
  const moment = () =>
    addMs(now, draw.pick([-1, 1]) * (draw.pick(lengths) + draw.pick([-1, 0, 1, draw.below(DAY_MS)])));
  const columns = Array.from({ length: 400 }, () => {
    const stopsAt = draw.pick([moment(), moment(), moment(), null]);
    return {
      accountId,
      isSelfRenewing: draw.pick([true, true, true, true, false, null]),
      renewalDueAt: draw.pick([moment(), moment(), moment(), null]),
      stopsAt,
      stopsBasis: stopsAt === null ? null : ('BY_USE' as const),
    };
  });
  const ids = await makeManyKeys(gateway.services, realmId, columns);
  const countAt = async (automation: KeyAutomation, at: Date) => {
    const where = keysWithAutomation(automation, at);
    const found = await prisma.key.findMany({ where: { AND: [where, { id: { in: ids } }] }, select: { id: true } });
    const [row] = await prisma.$queryRaw<[{ count: number }]>`
      SELECT count(*)::int AS count FROM "Key" k WHERE k.id = ANY(${ids}) AND ${keyCondition(where)}`;
    expect(row.count).toBe(found.length);
    return found.map(({ id }) => id).toSorted();
  };
  const bounds = columns.flatMap(({ renewalDueAt, stopsAt }) =>
    renewalDueAt === null ? [] : [automationLateAt(renewalDueAt, stopsAt)],
  );
  const moments = [now, ...Array.from({ length: 12 }, () => addMs(draw.pick(bounds), draw.pick([-1, 0])))];
  for (const at of moments) {
    for (const automation of keyAutomations) {
      const expected = ids.filter((_, index) => automationOf(columns[index]!, at) === automation);
      expect([at, automation, await countAt(automation, at)]).toEqual([at, automation, expected.toSorted()]);
    }
  }
});

test('filters: a key must match every field', async () => {
  const { organizationId, namesOf } = await openShelf();
  expect(await namesOf({ owner: organizationId, states: ['ACTIVE'] })).toEqual(['elsewhere']);
  expect(await namesOf({ owner: organizationId, states: ['ACTIVE'], realm: 'default' })).toEqual([]);
  expect(await namesOf({ neverUsed: false, states: ['ACTIVE', 'HELD'], search: 'h' })).toEqual(['held', 'short']);
});

test('filters: search finds secrets by their first characters, but not by the common prefix', async () => {
  const { gateway, token, namesOf } = await openShelf();
  const { data } = await gateway.ask(KEYS, { filter: { search: 'plain' } }, token);
  const start: string = data['keys'].edges[0].node.secrets[0].start;
  expect(await namesOf({ search: start })).toEqual(['plain']);
  expect(await namesOf({ search: `${start}${'x'.repeat(43)}` })).toEqual(['plain']);
  expect(await namesOf({ search: start.slice(0, 8) })).toContain('plain');
  expect(await namesOf({ search: 'kt_' })).toEqual([]);
  expect(await namesOf({ search: 'kt' })).toEqual([]);
});

test('filters: a value that no key can have is refused', async () => {
  const { gateway, token } = await openShelf();
  const labels = Array.from({ length: 51 }, (_, index) => ({ name: `label-${index}`, value: 'x' }));
  for (const [filter, message, path] of [
    [{ search: 'x'.repeat(101) }, 'search has 101 characters; at most 100 are accepted', ['filter', 'search']],
    [{ labels }, 'labels: found 51; expected at most 50.', ['filter', 'labels']],
    [
      { labels: [{ name: 'Env', value: 'prod' }] },
      'labels: found label name Env; expected a-z and 0-9, with . _ - / between them, such as policy/tier',
      ['filter', 'labels'],
    ],
    [
      { issuedBy: newId('rule', new Date(), systemRandom) },
      'issuedBy: found a text that is not an id of an account or key; expected such an id.',
      ['filter', 'issuedBy'],
    ],
    [
      { tokenRule: 'nightly' },
      'tokenRule: found a text that is not an id of a token rule; expected such an id.',
      ['filter', 'tokenRule'],
    ],
    [
      { ids: Array.from({ length: 101 }, () => newId('key', new Date(), systemRandom)) },
      'ids: found 101; expected at most 100.',
      ['filter', 'ids'],
    ],
    [{ action: 'x'.repeat(65) }, 'action has 65 characters; at most 64 are accepted', ['filter', 'action']],
    [{ usedBy: '' }, 'usedBy has 0 characters; expected at least 1', ['filter', 'usedBy']],
    [{ usedBy: 'x'.repeat(201) }, 'usedBy has 201 characters; at most 200 are accepted', ['filter', 'usedBy']],
    [
      { subject: 'a\n' },
      'subject has a control character, U+000A at character 2; none is accepted',
      ['filter', 'subject'],
    ],
  ] as const) {
    const { errors } = await gateway.ask(KEYS, { filter }, token);
    expect(errors).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT', path } }]);
  }
});

test('filters: a filter by state selects exactly the keys that show that state, for every combination of columns', async () => {
  const gateway = await openGateway();
  const now = gateway.clock.now();
  const instants = [null, addMs(now, -1), now, addMs(now, 1)];
  const every = [null, 'HARD' as const, 'BY_USE' as const].flatMap((expiryBasis) =>
    instants.flatMap((expiresAt) =>
      [null, addMs(now, -1)].flatMap((expiredAt) =>
        [null, addMs(now, -1)].flatMap((revokedAt) =>
          [true, false].map((isHeld) => ({ expiryBasis, expiresAt, expiredAt, revokedAt, isHeld })),
        ),
      ),
    ),
  );
  const { id: accountId } = await gateway.prisma.account.findFirstOrThrow();
  const { id: realmId } = await gateway.prisma.realm.findFirstOrThrow();
  const ids = await makeManyKeys(
    gateway.services,
    realmId,
    every.map((columns) => ({ ...columns, accountId })),
  );
  const token = await gateway.admin();
  const list = async (filter: object) =>
    (await gateway.ask(KEYS, { filter }, token)).data['keys'].edges.map(({ node }: any) => node) as {
      id: string;
      state: string;
    }[];
  const found = new Map<string, string>();
  for (const state of ['ACTIVE', 'HELD', 'EXPIRED', 'REVOKED']) {
    const keys = await list({ states: [state] });
    expect(keys.length).toBeGreaterThan(0);
    for (const { id, state: shown } of keys) {
      expect([found.get(id), shown]).toEqual([undefined, state]);
      found.set(id, state);
    }
  }
  expect(new Set(found.keys())).toEqual(new Set(ids));
});

/** Nine keys of every kind, and who owns them. */
async function openShelf() {
  const gateway = await openGateway();
  const { prisma, clock, services } = gateway;
  const now = clock.now();
  const days = (count: number) => addMs(now, count * DAY_MS);
  const { id: accountId } = await prisma.account.findFirstOrThrow();
  const organizationId = newId('organization', now, systemRandom);
  await prisma.organization.create({ data: { id: organizationId, name: 'Acme', createdAt: now } });
  const { id: realmId, ...realm } = await prisma.realm.findFirstOrThrow();
  const otherId = newId('realm', now, systemRandom);
  await prisma.realm.create({ data: { ...realm, subjectCeilings: [], id: otherId, slug: 'other' } });

  const issuerId = newId('issuer', now, systemRandom);
  const tokenRuleId = newId('rule', now, systemRandom);
  const dates = { createdAt: now, changedAt: now };
  const issuer = { id: issuerId, realmId, name: 'CI', url: 'https://ci.example.com', audience: 'keytide', ...dates };
  await prisma.trustedIssuer.create({ data: issuer });
  const rule = { id: tokenRuleId, issuerId, name: 'jobs', accountId, ...dates };
  await prisma.tokenRule.create({ data: { ...rule, conditions: [], scopes: [], labels: [], claimLabels: [] } });

  const env = { name: 'env', value: 'prod' };
  const keys: ManyKey[] = [
    { name: 'plain', stopsAt: days(395), stopsBasis: 'BY_USE' },
    {
      name: 'short',
      labels: [env, { name: 'repo', value: 'acme' }],
      expiresAt: days(10),
      expiryBasis: 'HARD',
      stopsAt: days(10),
      stopsBasis: 'HARD',
      lastUsedAt: days(-5),
      chosenExpiresAt: days(10),
      tokenRuleId,
      isSelfRenewing: true,
      renewalDueAt: addMs(now, 1 - DAY_MS),
    },
    {
      name: 'warned',
      standing: 'WARNED',
      createdAt: days(-400),
      issuedById: accountId,
      stopsAt: days(20),
      stopsBasis: 'BY_USE',
      lastUsedAt: days(-370),
      isSelfRenewing: true,
      renewalDueAt: days(-1),
    },
    { name: 'ending', expiresAt: now, expiryBasis: 'HARD', stopsAt: now, stopsBasis: 'HARD' },
    {
      name: 'dormant',
      standing: 'EXPIRED',
      expiredAt: days(-1),
      expiresAt: days(-1),
      expiryBasis: 'BY_USE',
      stopsAt: days(-31),
      rotationExtended: true,
    },
    { name: 'revoked', revokedAt: days(-2), isHeld: true },
    { name: '100%_a\\b' },
  ];
  const [plainId = ''] = await makeManyKeys(
    services,
    realmId,
    keys.map((key) => ({ ...key, accountId })),
  );
  const parentId = plainId;
  const stalled = { isRotating: true, rotationExtended: true };
  const held = {
    name: 'held',
    organizationId,
    parentId,
    isHeld: true,
    labels: [env],
    lastUsedAt: days(-100),
    ...stalled,
  };
  await makeManyKeys(services, realmId, [held]);
  const elsewhere = { name: 'elsewhere', organizationId, isRotating: true };
  const [managerId = ''] = await makeManyKeys(services, otherId, [elsewhere]);
  const subjectId = newId('subject', now, systemRandom);
  await prisma.subject.create({ data: { id: subjectId, realmId, externalId: 'customer/1', createdAt: now } });
  await makeManyKeys(services, realmId, [{ name: 'managed', subjectId, managerId }]);
  const scopes = [{ action: 'package:unlist', resource: '**' }];
  await prisma.key.updateMany({ where: { name: 'managed' }, data: { scopes } });
  const secretOf = async (name: string) => (await prisma.secret.findFirstOrThrow({ where: { key: { name } } })).id;
  const leak = { ownerId: accountId, reportedBy: 'github', reportedAt: now, outcome: 'REVOKED' } as const;
  await prisma.leak.create({ data: { secretId: await secretOf('revoked'), ...leak } });
  const used = { firstUsedAt: now, lastUsedAt: now };
  await prisma.use.createMany({
    data: [
      { secretId: await secretOf('plain'), consumer: 'nightly', ...used },
      { secretId: await secretOf('ending'), consumer: 'nightly', ...used },
      { secretId: await secretOf('held'), consumer: 'retired only', reusedAt: now },
    ],
  });

  const token = await gateway.admin();
  const namesOf = async (filter: object): Promise<string[]> => {
    const { data } = await gateway.ask(KEYS, { filter }, token);
    return data['keys'].edges.map(({ node }: any) => node.name).toSorted();
  };
  const countOf = async (filter: object): Promise<number> => {
    const query = 'query ($filter: KeyFilter) { keyCounts(filter: $filter) { keyCount } }';
    return (await gateway.ask(query, { filter }, token)).data['keyCounts'].keyCount;
  };
  const ids = { organizationId, accountId, parentId, managerId, tokenRuleId, plainId };
  return { gateway, token, now, ...ids, namesOf, countOf };
}
