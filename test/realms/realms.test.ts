import { expect, test } from 'vitest';
import { newId } from '../../src/domain/id.ts';
import { waitUntilBlocked } from '../support/wait-until-blocked.ts';
import { ISSUE_KEY } from '../support/operations.ts';
import { openTown, PUSH, type Town } from '../support/town.ts';

const REALM = /* GraphQL */ `
  fragment shown on Realm {
    slug
    name
    foldsCase
    minimumNotice
    shortestLifetime
    longestLifetime
    ceilings {
      role
      action
      resource
    }
  }
`;
const ANSWER = '__typename ... on UserError { code message path }';
const CREATE = `mutation ($input: CreateRealmInput!) { createRealm(input: $input) { ${ANSWER} ... on CreateRealmSuccess { realm { ...shown } } } } ${REALM}`;
const UPDATE = `mutation ($input: UpdateRealmInput!) { updateRealm(input: $input) { ${ANSWER} ... on UpdateRealmSuccess { realm { ...shown } } } } ${REALM}`;

const defaults = {
  slug: 'npm',
  name: 'npm',
  foldsCase: false,
  minimumNotice: 'P30D',
  shortestLifetime: 'P1D',
  longestLifetime: 'P365D',
  ceilings: [],
};

test('realm: a new realm has the defaults, unless the input overrides them', async () => {
  const town = await openTown();
  expect(await create(town, { slug: 'npm', name: 'npm' })).toEqual(defaults);
  const settings = {
    foldsCase: true,
    minimumNotice: 'P14D',
    shortestLifetime: 'PT1H',
    longestLifetime: 'P90D',
    ceilings: [{ role: 'MEMBER', scopes: [{ action: 'package:*', resource: 'Acme.*' }] }],
  };
  expect(await create(town, { slug: 'nuget', name: 'NuGet', ...settings })).toEqual({
    ...settings,
    slug: 'nuget',
    name: 'NuGet',
    ceilings: [{ role: 'MEMBER', action: 'package:*', resource: 'Acme.*' }],
  });
  const [event] = await town.gateway.prisma.event.findMany({ where: { type: 'REALM_CREATED', actorKind: 'ACCOUNT' } });
  expect(event).toMatchObject({ actorId: town.admin.id, data: { slug: 'npm' } });
});

test('realm: a slug is unique, even for concurrent requests', async () => {
  const town = await openTown();
  const { prisma, clock, services } = town.gateway;
  const taken = {
    code: 'REALM_EXISTS',
    message: 'The realm default exists already. Choose another slug.',
    path: ['input', 'slug'],
  };
  expect(await create(town, { slug: 'default', name: 'Another' })).toMatchObject(taken);
  const row = {
    ...(await prisma.realm.findFirstOrThrow()),
    id: newId('realm', clock.now(), services.random),
    slug: 'npm',
    subjectCeilings: [],
  };
  const { creation } = await prisma.$transaction(async (tx) => {
    await tx.realm.create({ data: row });
    const creation = create(town, { slug: 'npm', name: 'npm', ceilings: [{ role: 'ADMIN', scopes: [PUSH] }] });
    await waitUntilBlocked(prisma);
    return { creation };
  });
  expect(await creation).toMatchObject({ code: 'REALM_EXISTS' });
  expect(await prisma.ceiling.count()).toBe(0);
});

test('realm: an update changes the given settings, for later keys', async () => {
  const town = await openTown();
  const before = await town.issue(town.olga.token, { lifetime: 'P300D' });
  const { expiresAt } = await town.gateway.prisma.key.findUniqueOrThrow({ where: { id: before.id } });
  const changed = await update(town, { longestLifetime: 'P90D', minimumNotice: 'P7D' });
  expect(changed).toEqual({
    ...defaults,
    slug: 'default',
    name: 'Default',
    longestLifetime: 'P90D',
    minimumNotice: 'P7D',
  });
  const after = await town.gateway.prisma.key.findUniqueOrThrow({ where: { id: before.id } });
  expect(after.expiresAt).toEqual(expiresAt);
  const input = { realm: 'default', name: 'another', scopes: [PUSH], lifetime: 'P91D' };
  const { data } = await town.gateway.ask(ISSUE_KEY, { input }, town.olga.token);
  expect(data['issueKey'].code).toBe('EXPIRY_OUT_OF_BOUNDS');
  const [event] = await town.gateway.prisma.event.findMany({ where: { type: 'REALM_UPDATED' } });
  expect(event?.data).toEqual({
    changed: ['minimumNotice', 'longestLifetime'],
    before: { minimumNotice: 'P30D', longestLifetime: 'P365D' },
    after: { minimumNotice: 'P7D', longestLifetime: 'P90D' },
  });
});

test('realm: an empty update changes nothing and records no event', async () => {
  const town = await openTown();
  expect(await update(town, {})).toMatchObject({ slug: 'default' });
  expect(await town.gateway.prisma.event.count({ where: { type: 'REALM_UPDATED' } })).toBe(0);
});

test('realm: ceilings are replaced as a whole, and duplicates are merged', async () => {
  const town = await openTown();
  const first = { role: 'MEMBER', scopes: [PUSH, PUSH] };
  const second = { role: 'MEMBER', scopes: [PUSH] };
  const { ceilings } = await update(town, { ceilings: [first, second] });
  expect(ceilings).toEqual([{ role: 'MEMBER', ...PUSH }]);
  const { ceilings: replaced } = await update(town, { ceilings: [{ role: 'ADMIN', scopes: [PUSH] }] });
  expect(replaced).toEqual([{ role: 'ADMIN', ...PUSH }]);
  expect((await update(town, { ceilings: [] }))['ceilings']).toEqual([]);
});

test('realm: invalid settings are refused', async () => {
  const town = await openTown();
  const scopes = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ action: 'a:b', resource: `r${index}` }));
  const cases: [object, string, string][] = [
    [{ name: ' ' }, 'name has only white space; expected visible characters', 'name'],
    [
      { shortestLifetime: 'P2D', longestLifetime: 'P1D' },
      'shortestLifetime: found 2 days, with a longestLifetime of 1 day; expected at most the longestLifetime.',
      'shortestLifetime',
    ],
    [
      { longestLifetime: 'PT1H' },
      'shortestLifetime: found 1 day, with a longestLifetime of 1 hour; expected at most the longestLifetime.',
      'shortestLifetime',
    ],
    [
      { shortestLifetime: 'PT0S' },
      'shortestLifetime: found 0 seconds; expected 1 millisecond to 36500 days.',
      'shortestLifetime',
    ],
    [
      { ceilings: [{ role: 'MEMBER', scopes: [{ action: 'keytide:*', resource: '**' }] }] },
      'ceilings, MEMBER: action keytide:* has a wildcard for reserved actions; name them one by one: keytide:verify, keytide:read, keytide:issue, keytide:follow, keytide:manage',
      'ceilings',
    ],
    [
      { ceilings: [{ role: 'MEMBER', scopes: [] }] },
      'ceilings, MEMBER: found no scope; expected 1 to 100. Omit a role to give it no ceiling.',
      'ceilings',
    ],
    [
      {
        ceilings: [
          { role: 'MEMBER', scopes: scopes(100) },
          { role: 'MEMBER', scopes: scopes(101) },
        ],
      },
      'ceilings, MEMBER: found 101 scopes; expected 1 to 100. Omit a role to give it no ceiling.',
      'ceilings',
    ],
  ];
  for (const [settings, message, field] of cases) {
    for (const [query, input] of [
      [CREATE, { slug: 'npm', name: 'npm', ...settings }],
      [UPDATE, { realm: 'default', ...settings }],
    ] as const) {
      const { errors } = await town.gateway.ask(query, { input }, town.admin.token);
      expect(errors).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT', path: ['input', field] } }]);
    }
  }
  for (const slug of ['', '-a', 'a-', 'A', 'ä', 'a b', 'x'.repeat(64)]) {
    const { errors } = await town.gateway.ask(CREATE, { input: { slug, name: 'npm' } }, town.admin.token);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', path: ['input', 'slug'] } }]);
  }
  expect(await town.gateway.prisma.realm.count()).toBe(2);
});

test('realm: only administrators create and change realms', async () => {
  const town = await openTown();
  const { secret } = await town.issue(town.olga.token);
  for (const credential of [town.olga.token, town.ann.token, secret]) {
    const made = await town.gateway.ask(CREATE, { input: { slug: 'npm', name: 'npm' } }, credential);
    expect(made.errors).toMatchObject([
      { message: 'Only administrators can create realms.', extensions: { code: 'FORBIDDEN' } },
    ]);
    const changed = await town.gateway.ask(UPDATE, { input: { realm: 'default', name: 'mine' } }, credential);
    expect(changed.errors).toMatchObject([
      { message: 'Only administrators can change realms.', extensions: { code: 'FORBIDDEN' } },
    ]);
  }
});

async function create(town: Town, input: object): Promise<Record<string, any>> {
  const { data } = await town.gateway.ask(CREATE, { input }, town.admin.token);
  return data['createRealm'].realm ?? data['createRealm'];
}

async function update(town: Town, input: object): Promise<Record<string, any>> {
  const { data } = await town.gateway.ask(UPDATE, { input: { realm: 'default', ...input } }, town.admin.token);
  return data['updateRealm'].realm ?? data['updateRealm'];
}
