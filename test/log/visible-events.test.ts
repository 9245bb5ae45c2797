import { expect, test } from 'vitest';
import type { AccountCaller, Caller, KeyCaller } from '../../src/domain/caller.ts';
import { maySeeEvent, visibleEventsCondition } from '../../src/log/visible-events.ts';
import { openCore } from '../support/core.ts';

const realms = [null, 'realm_a', 'realm_b'];
const owners = [null, 'account_a', 'account_b', 'organization_a', 'organization_b'];
const keys = [null, 'key_a', 'key_b'];

const account = (id: string, more: Partial<AccountCaller> = {}): AccountCaller => ({
  kind: 'ACCOUNT',
  id,
  name: id,
  sessionId: 'session',
  isAdministrator: false,
  roles: new Map(),
  ...more,
});

const key = (id: string, ownerId: string, actions: string[]): KeyCaller => ({
  kind: 'KEY',
  id,
  name: id,
  realmId: 'realm_a',
  ownerId,
  scopes: actions.map((action) => ({ action, resource: '**' })),
  secretId: 'secret',
  generation: 1,
  isCurrent: true,
  isUnused: false,
});

const callers: Record<string, Caller> = {
  anonymous: { kind: 'ANONYMOUS' },
  'an administrator': account('account_c', { isAdministrator: true }),
  'an account': account('account_a'),
  'a member': account('account_b', { roles: new Map([['organization_a', 'MEMBER']]) }),
  'an owner of two': account('account_c', {
    roles: new Map([
      ['organization_a', 'OWNER'],
      ['organization_b', 'ADMIN'],
    ]),
  }),
  'a key': key('key_a', 'account_a', ['package:push']),
  'a reading key': key('key_a', 'account_a', ['keytide:read']),
  'a reading key of an organization': key('key_b', 'organization_a', ['keytide:read']),
  'a key that reads nothing but by name': key('key_b', 'account_a', ['keytide:reader', '*']),
};

test('visible events: the check of a single event and the condition of a read agree', async () => {
  const { prisma, clock } = await openCore();
  // Events of every kind of subject, without the rows that they are of.
  const at = clock.now();
  const subjects = realms.flatMap((realmId) =>
    owners.flatMap((ownerId) => keys.map((keyId) => ({ realmId, ownerId, keyId, type: 'KEY_UPDATED', data: {} }))),
  );
  const givenAway = subjects.flatMap((subject) =>
    subject.realmId === null || subject.ownerId === null || subject.keyId === null
      ? []
      : owners.map((from) => ({ ...subject, type: 'KEY_TRANSFERRED', data: { from, to: subject.ownerId } })),
  );
  const drafts = [...subjects, ...givenAway];
  await prisma.event.createMany({
    data: drafts.map((subject, index) => ({
      ...subject,
      position: BigInt(index + 1),
      id: `event_${index}`,
      at,
      recordedAt: at,
      actorKind: 'SYSTEM',
    })),
  });
  const all = await prisma.event.findMany({ orderBy: { position: 'asc' } });
  const counts: Record<string, number> = {};
  for (const [who, caller] of Object.entries(callers)) {
    const read = await prisma.$queryRaw<{ id: string }[]>`
      SELECT id FROM "Event" WHERE ${visibleEventsCondition(caller)} ORDER BY position`;
    const seen = all.filter((event) => maySeeEvent(caller, event));
    expect(
      read.map(({ id }) => id),
      who,
    ).toEqual(seen.map(({ id }) => id));
    counts[who] = seen.length;
  }
  const isOlgas = ({ ownerId, data }: (typeof drafts)[number]) =>
    ownerId === 'account_a' || ('from' in data && data.from === 'account_a');
  const ofRealms = subjects.filter(({ keyId, ownerId }) => keyId === null && ownerId === null);
  expect(counts['an account']).toBe(drafts.filter(isOlgas).length + ofRealms.length);
  expect(counts).toMatchObject({ anonymous: 0, 'an administrator': drafts.length });
  expect(counts['an account']).toBeLessThan(counts['an owner of two']!);
  expect(counts['a key']).toBe(counts['a key that reads nothing but by name']);
  expect(counts['a key']).toBeLessThan(counts['a reading key']!);
});
