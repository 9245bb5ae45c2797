import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { visibleOrganizations } from '../../src/accounts/visible-accounts.ts';
import { anonymous, type Caller, type Role } from '../../src/domain/caller.ts';
import { may } from '../../src/domain/permission.ts';
import { keyTargetOf } from '../../src/keys/key-row.ts';
import { visibleKeys } from '../../src/keys/visible-keys.ts';
import { maySeeEvent, visibleEventsCondition } from '../../src/log/visible-events.ts';
import { openCore } from '../support/core.ts';

// The database chooses by a filter what the table of permissions says of each: the two have to agree for everyone.

const accounts = ['account_a', 'account_b', 'account_c'];
const organizations = ['organization_a', 'organization_b'];
const realms = ['realm_a', 'realm_b'];
const reserved = ['keytide:read', 'keytide:issue', 'keytide:verify', 'package:push', 'keytide:*', '*'];

test('visibility: a filter selects exactly the events that the table of permissions allows, for random callers, keys and events', async () => {
  const { prisma, keyIds } = await openWorld();
  const [keys, events] = [await prisma.key.findMany(), await prisma.event.findMany()];
  const callers = new Set<string>();
  await fc.assert(
    fc.asyncProperty(anyCaller(keyIds), async (caller) => {
      callers.add(caller.kind);
      const readable = keys.filter((key) => may(caller, 'key.read', keyTargetOf(key))).map(({ id }) => id);
      const listed = await prisma.key.findMany({ where: visibleKeys(caller), select: { id: true } });
      expect(new Set(listed.map(({ id }) => id))).toEqual(new Set(readable));

      const told = events.filter((event) => maySeeEvent(caller, event)).map(({ id }) => id);
      const found = await prisma.$queryRaw<
        { id: string }[]
      >`SELECT id FROM "Event" WHERE ${visibleEventsCondition(caller)}`;
      expect(new Set(found.map(({ id }) => id))).toEqual(new Set(told));

      const open = organizations.filter((ownerId) => may(caller, 'organization.read', { ownerId }));
      const shown = await prisma.organization.findMany({ where: visibleOrganizations(caller), select: { id: true } });
      expect(new Set(shown.map(({ id }) => id))).toEqual(new Set(open));
    }),
    { numRuns: process.env['KEYTIDE_TEST_LONG'] ? 2_000 : 200, examples: [[anonymous]] },
  );
  expect(callers).toEqual(new Set(['ANONYMOUS', 'ACCOUNT', 'KEY']));
});

function anyCaller(keyIds: readonly string[]): fc.Arbitrary<Caller> {
  const roles = fc.uniqueArray(fc.constantFrom(...organizations)).chain((members) =>
    fc
      .array(fc.constantFrom<Role>('OWNER', 'ADMIN', 'MEMBER'), {
        minLength: members.length,
        maxLength: members.length,
      })
      .map((held) => new Map(members.map((id, index) => [id, held[index]!]))),
  );
  const account = fc.record({
    kind: fc.constant('ACCOUNT' as const),
    id: fc.constantFrom(...accounts),
    name: fc.constant('Ann'),
    sessionId: fc.constant('session_a'),
    isAdministrator: fc.nat({ max: 9 }).map((draw) => draw === 9),
    roles,
  });
  const key = fc.record({
    kind: fc.constant('KEY' as const),
    id: fc.constantFrom(...keyIds),
    name: fc.constant('release'),
    realmId: fc.constantFrom(...realms),
    ownerId: fc.constantFrom(...accounts, ...organizations),
    scopes: fc
      .uniqueArray(fc.constantFrom(...reserved))
      .map((names) => names.map((action) => ({ action, resource: '**' }))),
    secretId: fc.constant('secret_a'),
    generation: fc.constant(1),
    isCurrent: fc.boolean(),
    isUnused: fc.boolean(),
  });
  return fc.oneof(account, key);
}

/** A key of every owner in every realm, issued by every account, and events of all that there can be events of. */
async function openWorld() {
  const core = await openCore();
  const { prisma, clock } = core;
  const createdAt = clock.now();
  const bounds = { minimumNoticeMs: 0n, shortestLifetimeMs: 1n, longestLifetimeMs: 1n };
  await prisma.realm.createMany({ data: realms.map((id) => ({ id, slug: id, name: id, createdAt, ...bounds })) });
  await prisma.account.createMany({
    data: accounts.map((id) => ({ id, email: id, name: id, passwordHash: '', createdAt })),
  });
  await prisma.organization.createMany({ data: organizations.map((id) => ({ id, name: id, createdAt })) });
  const life = { name: '', scopes: [], createdAt, grantedAt: createdAt, activeAt: createdAt };
  const owners = [
    ...accounts.map((accountId) => ({ accountId })),
    ...organizations.map((organizationId) => ({ organizationId })),
  ];
  const rows = realms.flatMap((realmId) =>
    owners.flatMap((owner) => accounts.map((issuedById) => ({ ...life, realmId, ...owner, issuedById }))),
  );
  const keys = rows.map((row, index) => ({ ...row, id: `key_${index}` }));
  await prisma.key.createMany({ data: keys });

  const ofKeys = keys.map((key) => ({
    keyId: key.id,
    realmId: key.realmId,
    ownerId: 'accountId' in key ? key.accountId : key.organizationId,
  }));
  const ofOthers = [
    ...[...accounts, ...organizations].map((ownerId) => ({ ownerId })),
    ...realms.map((realmId) => ({ realmId })),
    {},
  ];
  const givenAway = ofKeys.flatMap((key) =>
    [...accounts, ...organizations].map((from) => ({
      ...key,
      type: 'KEY_TRANSFERRED',
      data: { from, to: key.ownerId },
    })),
  );
  await prisma.event.createMany({
    data: [...ofKeys, ...ofOthers, ...givenAway].map((subject, index) => ({
      type: 'KEY_ISSUED',
      data: {},
      ...subject,
      id: `event_${index}`,
      position: BigInt(index + 1),
      at: createdAt,
      recordedAt: createdAt,
      actorKind: 'SYSTEM',
    })),
  });
  return { prisma, keyIds: keys.map(({ id }) => id) };
}
