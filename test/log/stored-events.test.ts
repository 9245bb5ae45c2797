import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Event } from '../../prisma/generated/client/client.ts';
import type { AccountCaller, Caller, KeyCaller } from '../../src/domain/caller.ts';
import { eventTypes } from '../../src/domain/event.ts';
import { createEventMatcher } from '../../src/graphql/event/event-filter.ts';
import type { EventFilter } from '../../src/log/event-query.ts';
import { PAGE_SIZE, readStoredEvents } from '../../src/log/stored-events.ts';
import { maySeeEvent } from '../../src/log/visible-events.ts';
import { openCore, type OpenCore } from '../support/core.ts';

const RUNS = process.env['KEYTIDE_TEST_LONG'] ? 3_000 : 300;
const EVENTS = 1_200;

const realms = ['realm_a', 'realm_b'];
const accounts = ['account_a', 'account_b'];
const organizations = ['organization_a', 'organization_b'];
const owners = [...accounts, ...organizations];
const keys = ['key_a', 'key_b', 'key_c'];
const types = ['KEY_UPDATED', 'KEY_TRANSFERRED', 'KEY_REVOKED', 'REALM_UPDATED'] as const;
const labels = [
  { name: 'team', value: 'a' },
  { name: 'team', value: 'b' },
  { name: 'stage', value: 'live' },
];

const anyCaller: fc.Arbitrary<Caller> = fc.oneof(
  fc.constant({ kind: 'ANONYMOUS' } as const),
  fc.record<AccountCaller>({
    kind: fc.constant('ACCOUNT'),
    id: fc.constantFrom(...accounts, 'account_c'),
    name: fc.constant('Ann'),
    sessionId: fc.constant('session_a'),
    isAdministrator: fc.boolean(),
    roles: fc.subarray(organizations).map((members) => new Map(members.map((id) => [id, 'MEMBER'] as const))),
  }),
  fc.record<KeyCaller>({
    kind: fc.constant('KEY'),
    id: fc.constantFrom(...keys),
    name: fc.constant('CI'),
    realmId: fc.constantFrom(...realms),
    ownerId: fc.constantFrom(...owners),
    scopes: fc
      .subarray(['keytide:read', 'keytide:issue', '*'])
      .map((actions) => actions.map((action) => ({ action, resource: '**' }))),
    secretId: fc.constant('secret_a'),
    generation: fc.constant(1),
    isCurrent: fc.constant(true),
    isUnused: fc.constant(false),
  }),
);

const maybe = <Value>(one: fc.Arbitrary<Value>) => fc.option(one, { nil: undefined, freq: 2 });

const anyFilter: fc.Arbitrary<EventFilter> = fc.record({
  types: maybe(fc.subarray([...types])),
  realm: maybe(fc.constantFrom('realm-a', 'realm-b', 'realm-c')),
  owner: maybe(fc.constantFrom(...owners, 'account_c')),
  keyIds: maybe(fc.subarray([...keys, 'key_d'])),
  labels: maybe(fc.subarray(labels)),
});

const anyEvent = fc.record({
  type: fc.constantFrom(...types),
  keyId: fc.option(fc.constantFrom(...keys)),
  realmId: fc.option(fc.constantFrom(...realms)),
  ownerId: fc.option(fc.constantFrom(...owners)),
  data: fc.oneof(
    fc.constant({}),
    fc.constantFrom<unknown>(...owners, 7, null, ['account_a']).map((from) => ({ from })),
  ),
});

/** A log of random events, of realms and keys that are there, and of others. */
async function openLog(): Promise<OpenCore> {
  const core = await openCore();
  const { prisma, clock } = core;
  const createdAt = clock.now();
  const bounds = { minimumNoticeMs: 1n, shortestLifetimeMs: 1n, longestLifetimeMs: 1n, createdAt };
  await prisma.realm.createMany({
    data: realms.map((id) => ({ id, slug: id.replace('_', '-'), name: id, ...bounds })),
  });
  await prisma.account.create({
    data: { id: 'account_a', email: 'a@example.com', name: 'A', passwordHash: '', createdAt },
  });
  const row = {
    realmId: 'realm_a',
    accountId: 'account_a',
    name: 'K',
    scopes: [],
    createdAt,
    grantedAt: createdAt,
    activeAt: createdAt,
  };
  await prisma.key.createMany({ data: keys.slice(0, 2).map((id) => ({ id, ...row })) });
  await prisma.label.createMany({
    data: [labels[0]!, labels[2]!]
      .map((label) => ({ keyId: 'key_a', ...label }))
      .concat([{ keyId: 'key_b', ...labels[1]! }]),
  });
  const drawn = fc.sample(anyEvent, { numRuns: EVENTS, seed: 20_261_125 });
  await prisma.event.createMany({
    data: drawn.map((event, index) => ({
      ...event,
      data: event.data as object,
      position: BigInt(index + 1),
      id: `event_${index}`,
      at: createdAt,
      recordedAt: createdAt,
      actorKind: 'SYSTEM',
    })),
  });
  await prisma.logHead.updateMany({ data: { position: BigInt(EVENTS) } });
  return core;
}

test('stored events: a read returns exactly the events that the caller may see and the filter matches, for random queries', async () => {
  const core = await openLog();
  const all = await core.prisma.event.findMany({ orderBy: { position: 'asc' } });
  let foundCount = 0;
  const place = fc.nat(EVENTS);
  await fc.assert(
    fc.asyncProperty(anyCaller, anyFilter, place, async (caller, filter, after) => {
      const matches = createEventMatcher({ db: core.prisma, caller }, filter);
      const expected: Event[] = [];
      for (const event of all.slice(after)) {
        if (maySeeEvent(caller, event) && (await matches(event))) expected.push(event);
      }
      const found: Event[] = [];
      for (let position = BigInt(after); position < BigInt(EVENTS);) {
        const page = await readStoredEvents(core, position, BigInt(EVENTS), { caller, filter }, PAGE_SIZE);
        expect(page.readTo).toBeGreaterThan(position);
        found.push(...page.events);
        position = page.readTo;
      }
      expect(found).toEqual(expected);
      foundCount += found.length;
    }),
    { numRuns: RUNS },
  );
  expect(foundCount).toBeGreaterThan(RUNS);
});

test('stored events: a page reads up to the requested position, and a full page up to its last event', async () => {
  const core = await openLog();
  const caller: AccountCaller = {
    kind: 'ACCOUNT',
    id: 'account_a',
    name: 'A',
    sessionId: 's',
    isAdministrator: true,
    roles: new Map(),
  };
  const page = await readStoredEvents(core, 3n, 8n, { caller, filter: {} }, PAGE_SIZE);
  expect([page.events.map(({ position }) => position), page.readTo]).toEqual([[4n, 5n, 6n, 7n, 8n], 8n]);
  const full = await readStoredEvents(core, 3n, BigInt(EVENTS), { caller, filter: {} }, PAGE_SIZE);
  expect([full.events.length, full.readTo]).toEqual([PAGE_SIZE, 3n + BigInt(PAGE_SIZE)]);
  expect(
    await readStoredEvents(core, 3n, 900n, { caller, filter: { types: [eventTypes.at(-1)!] } }, PAGE_SIZE),
  ).toEqual({
    events: [],
    readTo: 900n,
  });
});
