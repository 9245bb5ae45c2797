import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  anonymous,
  type AccountCaller,
  type Caller,
  type KeyCaller,
  type PortalCaller,
  type TrustedListener,
} from '../../src/domain/caller.ts';
import {
  may,
  permissions,
  relationsOf,
  type Capability,
  type Relation,
  type Target,
} from '../../src/domain/permission.ts';

const account: AccountCaller = {
  kind: 'ACCOUNT',
  id: 'account_a',
  name: 'Ann',
  sessionId: 'session_a',
  isAdministrator: false,
  roles: new Map([
    ['organization_owner', 'OWNER'],
    ['organization_admin', 'ADMIN'],
    ['organization_member', 'MEMBER'],
  ]),
};
const key: KeyCaller = {
  kind: 'KEY',
  id: 'key_a',
  name: 'release',
  realmId: 'realm_a',
  ownerId: 'account_a',
  scopes: [{ action: 'package:push', resource: '**' }],
  secretId: 'secret_a',
  generation: 1,
  isCurrent: true,
  isUnused: false,
};
const keyWith = (...actions: string[]): KeyCaller => ({
  ...key,
  scopes: actions.map((action) => ({ action, resource: '**' })),
});
const everyReserved = keyWith('keytide:read', 'keytide:issue', 'keytide:verify', 'keytide:follow', 'keytide:manage');
const otherKey: Target = { keyId: 'key_b', realmId: 'realm_a', ownerId: 'account_a', issuedById: null };

const portal: PortalCaller = {
  kind: 'PORTAL',
  id: 'portal_a',
  realmId: 'realm_a',
  subjectId: 'subject_a',
  createdById: 'key_a',
  may: ['LIST', 'ISSUE', 'RENEW', 'ROTATE', 'REVOKE', 'EVENTS'],
};
const subjectKey: Target = { ...otherKey, ownerId: 'subject_a' };

const listener: TrustedListener = { kind: 'LISTENER', realmId: 'realm_a' };

const relationCases: [string, Caller | TrustedListener, Target, Relation[]][] = [
  ['nobody', anonymous, otherKey, []],
  ['a stranger', account, { ...otherKey, ownerId: 'account_b' }, ['SIGNED_IN']],
  ['an account and its key', account, otherKey, ['SIGNED_IN', 'OWNER']],
  ['an account and itself', account, { accountId: 'account_a' }, ['SIGNED_IN', 'ITSELF']],
  ['an account and what is told of it', account, { ownerId: 'account_a' }, ['SIGNED_IN', 'OWNER', 'ITSELF']],
  ['an account and a realm', account, { realmId: 'realm_a' }, ['SIGNED_IN']],
  [
    'an administrator',
    { ...account, isAdministrator: true },
    { ...otherKey, ownerId: 'account_b' },
    ['SIGNED_IN', 'ADMINISTRATOR'],
  ],
  ...(['OWNER', 'ADMIN', 'MEMBER'] as const).map((role): [string, Caller, Target, Relation[]] => [
    `an ${role} of the organization`,
    account,
    { ...otherKey, ownerId: `organization_${role.toLowerCase()}` },
    ['SIGNED_IN', `ORGANIZATION_${role}`],
  ]),
  [
    'a member and a key that it issued',
    account,
    { ...otherKey, ownerId: 'organization_member', issuedById: 'account_a' },
    ['SIGNED_IN', 'ORGANIZATION_MEMBER', 'ISSUER'],
  ],
  [
    'one who issued it and belongs there no more',
    account,
    { ...otherKey, ownerId: 'organization_left', issuedById: 'account_a' },
    ['SIGNED_IN'],
  ],
  ['a key and itself', key, { ...otherKey, keyId: 'key_a' }, ['ITSELF']],
  ['a key and another of its owner', key, otherKey, []],
  ['a key and its realm', key, { realmId: 'realm_a' }, ['ITSELF', 'ORDINARY_KEY']],
  ['a key that may manage, and its realm', keyWith('keytide:manage'), { realmId: 'realm_a' }, ['ITSELF']],
  [
    'a portal session and a key of its subject',
    portal,
    subjectKey,
    ['PORTAL_LIST', 'PORTAL_ISSUE', 'PORTAL_RENEW', 'PORTAL_ROTATE', 'PORTAL_REVOKE', 'PORTAL_EVENTS'],
  ],
  ['a portal session that may list', { ...portal, may: ['LIST'] }, subjectKey, ['PORTAL_LIST']],
  ['a portal session and a key of another subject', portal, { ...subjectKey, ownerId: 'subject_b' }, []],
  ['a portal session and its subject elsewhere', portal, { ...subjectKey, realmId: 'realm_b' }, []],
  ['a portal session and its realm', portal, { realmId: 'realm_a' }, ['PORTAL']],
  ['a portal session and another realm', portal, { realmId: 'realm_b' }, []],
  ['a key and another realm', everyReserved, { realmId: 'realm_b' }, []],
  ['a key and its owner', key, { accountId: 'account_a' }, []],
  ['a key that may read', keyWith('keytide:read'), otherKey, ['READING_KEY']],
  ['a key that may issue', keyWith('keytide:issue'), otherKey, ['ISSUING_KEY']],
  ['a key that may verify', keyWith('keytide:verify'), { ...otherKey, ownerId: 'account_b' }, ['VERIFYING_KEY']],
  ['a key that may follow', keyWith('keytide:follow'), { ...otherKey, ownerId: 'account_b' }, ['FOLLOWING_KEY']],
  [
    'a key that may all, and another owner’s',
    everyReserved,
    { ...otherKey, ownerId: 'account_b' },
    ['VERIFYING_KEY', 'FOLLOWING_KEY'],
  ],
  ['a key that may all, and its owner’s elsewhere', everyReserved, { ...otherKey, realmId: 'realm_b' }, []],
  ['a trusted listener and a key of its realm', listener, otherKey, ['TRUSTED_LISTENER']],
  ['a trusted listener and another realm', listener, { ...otherKey, realmId: 'realm_b' }, []],
  [
    'a key that may manage, and a key of a subject',
    keyWith('keytide:manage'),
    { ...otherKey, ownerId: 'subject_a' },
    ['MANAGING_KEY'],
  ],
  ['a key that may manage, and an account’s', keyWith('keytide:manage'), otherKey, []],
  [
    'a key that may manage, and a subject of another realm',
    keyWith('keytide:manage'),
    { realmId: 'realm_b', ownerId: 'subject_a' },
    [],
  ],
  ['an account and a subject', account, { realmId: 'realm_a', ownerId: 'subject_a' }, ['SIGNED_IN']],
  ['a key with a wildcard', keyWith('*', 'keytide:*', 'KEYTIDE:READ'), otherKey, []],
];

test.each(relationCases)('%s', (_name, caller, target, expected) => {
  expect(relationsOf(caller, target)).toEqual(new Set(expected));
});

test('every relation is covered by a case', () => {
  const listed = new Set(Object.values(permissions).flatMap((relations): Relation[] => [...relations]));
  expect(new Set(relationCases.flatMap(([, , , relations]) => relations))).toEqual(listed);
});

test('a listed relation gives the capability, and no other relation does', () => {
  const capabilities = Object.keys(permissions) as Capability[];
  for (const [name, caller, target, stands] of relationCases) {
    for (const capability of capabilities) {
      const allowed: readonly Relation[] = permissions[capability];
      const expected = stands.some((relation) => allowed.includes(relation));
      expect([name, capability, may(caller, capability, target)]).toEqual([name, capability, expected]);
    }
  }
});

test('an anonymous caller has no capability, whatever the target leaves out', () => {
  const part = fc.option(fc.constantFrom('account_a', 'key_a', 'realm_a', 'anonymous'), { nil: undefined });
  const target = fc.record({ keyId: part, accountId: part, realmId: part, ownerId: part, issuedById: part });
  fc.assert(
    fc.property(target, fc.constantFrom(...(Object.keys(permissions) as Capability[])), (target, capability) => {
      expect(may(anonymous, capability, target as Target)).toBe(false);
    }),
  );
});

test('every capability on a key implies that the caller may read it', () => {
  // What one may not read does not exist: a capability without reading could not be used.
  const ofKeys = (Object.keys(permissions) as Capability[]).filter((name) =>
    /^key\.(?!issue|verify|follow|grant)/.test(name),
  );
  expect(ofKeys.length).toBeGreaterThan(8);
  for (const capability of ofKeys) {
    const readers: readonly Relation[] = permissions['key.read'];
    expect(permissions[capability].filter((relation) => !readers.includes(relation))).toEqual([]);
  }
});

test('administrators have every capability that people can have', () => {
  const people = Object.entries(permissions).filter(
    ([, allowed]) => !allowed.every((relation) => relation === 'ITSELF' || relation === 'FOLLOWING_KEY'),
  );
  const without = people.filter(([, allowed]) => !(allowed as readonly Relation[]).includes('ADMINISTRATOR'));
  // Every account may see realms, sign in its own terminals and make organizations: administrators are accounts.
  expect(without.map(([name]) => name)).toEqual([
    'realm.read',
    'realm.readSettings',
    'policy.read',
    'account.confirmDevice',
    'organization.create',
  ]);
});

test('only administrators grant keytide:verify, keytide:follow and keytide:manage, and undo actions of administrators', () => {
  for (const capability of [
    'key.grantVerify',
    'key.grantFollow',
    'key.grantManage',
    'key.resumeAdministratorHold',
    'realm.manage',
    'account.disable',
    'account.setAdministrator',
  ] as const) {
    expect(permissions[capability]).toEqual(['ADMINISTRATOR']);
  }
});
