import { expect, test } from 'vitest';
import { check } from './check.ts';
import type { Finding } from './finding.ts';
import type {
  KeyChange,
  WebhookReceipt,
  Entry,
  History,
  MailReceipt,
  StoredEvent,
  EventReceipt,
  Verification,
} from './history.ts';
import { LEAK_REPORT } from './writer.ts';

const ACCOUNT = { actorKind: 'ACCOUNT', data: {} };

/**
 * Three keys: one is held, resumed and revoked, another one is used, rotated and comes to its end, and the secret of the
 * third is found in public.
 */
const events: readonly StoredEvent[] = (
  [
    { type: 'KEY_ISSUED', keyId: 'a', ...ACCOUNT },
    { type: 'KEY_ISSUED', keyId: 'b', ...ACCOUNT },
    { type: 'KEY_HELD', keyId: 'a', ...ACCOUNT },
    { type: 'KEY_FIRST_USED', keyId: 'b', actorKind: 'SYSTEM', data: { generation: 1 } },
    { type: 'KEY_RESUMED', keyId: 'a', ...ACCOUNT },
    { type: 'KEY_ROTATION_STARTED', keyId: 'b', ...ACCOUNT },
    { type: 'KEY_REVOKED', keyId: 'a', ...ACCOUNT },
    { type: 'KEY_ROTATION_COMPLETED', keyId: 'b', ...ACCOUNT },
    { type: 'KEY_UPDATED', keyId: 'b', ...ACCOUNT },
    { type: 'KEY_ISSUED', keyId: 'd', ...ACCOUNT },
    { type: 'KEY_HELD', keyId: 'd', actorKind: 'SYSTEM', data: { source: 'LEAK' } },
    { type: 'KEY_EXPIRED', keyId: 'b', actorKind: 'SYSTEM', data: {} },
  ] as const
).map((event, index) => ({ ...event, position: index + 1, id: `event ${index + 1}` }));

/** Changes are sent at ten seconds times their position, by node 0, and answered a second later. */
const changes = events
  .filter(({ actorKind, data }) => actorKind === 'ACCOUNT' || data['source'] === 'LEAK')
  .map(({ type, keyId, position, actorKind }): KeyChange => ({
    kind: 'CHANGED',
    mutation: actorKind === 'SYSTEM' ? LEAK_REPORT : type,
    event: type as KeyChange['event'],
    keyId: keyId ?? '',
    sentAt: position * 10_000,
    answeredAt: position * 10_000 + 1_000,
    node: 0,
    retires: type === 'KEY_ROTATION_COMPLETED' ? 1 : null,
    endsAt: type === 'KEY_UPDATED' ? 95_000 : null,
  }));
const receipts = events.map(({ position, id, type }): EventReceipt => ({
  kind: 'TOLD',
  subscriber: 0,
  position,
  id,
  type,
}));
const delivered = events.map(({ id, keyId }): WebhookReceipt => ({ kind: 'DELIVERED', id, keyId, text: id }));
const mail: MailReceipt = { kind: 'MAILED', messageId: 'mail 1', keyIds: ['d'] };
const good: readonly Entry[] = [
  ...changes,
  { kind: 'SUBSCRIBED', subscriber: 0, after: 0 },
  ...receipts,
  ...delivered,
  mail,
  ...[
    verified('a', 25_000, 'VALID'),
    verified('a', 30_500, 'KEY_HELD'),
    verified('a', 46_000, 'UNAVAILABLE'),
    verified('a', 75_900, 'VALID', { node: 1 }),
    verified('a', 76_100, 'KEY_REVOKED', { node: 1 }),
    verified('a', 71_500, 'NO_ANSWER'),
    verified('b', 81_500, 'SECRET_RETIRED'),
    verified('b', 94_900, 'VALID', { generation: 2 }),
    verified('b', 95_000, 'KEY_EXPIRED', { generation: 2 }),
  ],
];

function verified(keyId: string, askedAt: number, answer: string, more: Partial<Verification> = {}): Verification {
  return { kind: 'VERIFIED', node: 0, keyId, generation: 1, askedAt, answeredAt: askedAt + 5, answer, ...more };
}

function rulesOf(entries: readonly Entry[], stored = events): Finding['rule'][] {
  const history: History = { entries, events: stored, since: 0 };
  return [...new Set(check(history).map(({ rule }) => rule))];
}

function without<Item>(list: readonly Item[], ...items: readonly (Item | undefined)[]): Item[] {
  return list.filter((item) => !items.includes(item));
}

function swapped<Item>(list: readonly Item[], one: Item, other: Item): Item[] {
  return list.map((item) => (item === one ? other : item === other ? one : item));
}

test('checker: finds nothing in a correct history', () => {
  expect(check({ entries: good, events, since: 0 })).toEqual([]);
});

test('checker: accepts repeated deliveries and mails, and a subscriber that resumes from its last cursor', () => {
  const again: Entry[] = [...good, delivered[0]!, mail, { kind: 'SUBSCRIBED', subscriber: 0, after: 12 }];
  expect(rulesOf(again)).toEqual([]);
});

test.for<[string, Finding['rule'], readonly Entry[]]>([
  [
    'a change that was answered with a failure',
    'CHANGE_FAILED',
    [...good, { kind: 'FAILED', mutation: 'renewKey', code: 'KEY_NOT_ACTIVE' }],
  ],
  ['an acknowledged change without an event', 'CHANGE_WITHOUT_EVENT', [...good, { ...changes[0]!, keyId: 'c' }]],
  ['an event of a change that was not requested', 'CHANGED_TWICE', without(good, changes[4])],
  ['changes of one key in another order', 'EVENT_ALTERED', swapped(good, changes[2]!, changes[3]!)],
  ['an event that a subscriber did not get', 'EVENT_MISSED', without(good, receipts[4])],
  ['the newest event, if a subscriber did not get it', 'EVENT_MISSED', without(good, receipts.at(-1))],
  ['an event that a subscriber got twice', 'EVENT_REPEATED', [...good, receipts.at(-1)!]],
  [
    'an event that a subscriber got with another type',
    'EVENT_ALTERED',
    good.map((entry) => (entry === receipts[1] ? { ...receipts[1]!, type: 'KEY_HELD' } : entry)),
  ],
  ['an event that was not delivered', 'DELIVERY_MISSED', without(good, delivered[4])],
  [
    'events of one key that were delivered in another order',
    'DELIVERY_OUT_OF_ORDER',
    swapped(good, delivered[0]!, delivered[2]!),
  ],
  ['an event that was delivered again with other bytes', 'DELIVERY_ALTERED', [...good, { ...delivered[0]!, text: '' }]],
  ['a delivery of an event that is not in the log', 'DELIVERY_ALTERED', [...good, { ...delivered[0]!, id: 'none' }]],
  ['a leak without a mail', 'MAIL_MISSED', without(good, mail)],
  ['a key in two mails', 'MAIL_REPEATED', [...good, { ...mail, messageId: 'mail 2' }]],
  ['a revoked key that its own node accepts', 'ACCEPTED_LATE', [...good, verified('a', 71_500, 'VALID')]],
  [
    'a revoked key that another node accepts after its bound',
    'ACCEPTED_LATE',
    [...good, verified('a', 76_100, 'VALID', { node: 1 })],
  ],
  ['a held key that is accepted', 'ACCEPTED_LATE', [...good, verified('a', 40_000, 'VALID')]],
  ['a retired secret that is accepted', 'ACCEPTED_LATE', [...good, verified('b', 81_500, 'VALID')]],
  ['an expired key that is accepted', 'ACCEPTED_LATE', [...good, verified('b', 97_000, 'VALID', { generation: 2 })]],
  ['a good key that is unknown', 'REFUSED_GOOD', [...good, verified('b', 50_000, 'KEY_UNKNOWN')]],
  ['a verifier that is refused', 'REFUSED_GOOD', [...good, verified('b', 50_000, 'UNAUTHENTICATED')]],
  [
    'a key that is refused as revoked before its revocation was requested',
    'REFUSED_GOOD',
    [...good, verified('a', 69_000, 'KEY_REVOKED')],
  ],
  ['a key that is refused as held before its hold', 'REFUSED_GOOD', [...good, verified('a', 29_000, 'KEY_HELD')]],
  ['a key that is refused as held after it was resumed', 'REFUSED_GOOD', [...good, verified('a', 51_500, 'KEY_HELD')]],
  ['a key that is refused as expired before its end', 'REFUSED_GOOD', [...good, verified('b', 92_000, 'KEY_EXPIRED')]],
  [
    'a new secret that is refused as retired',
    'REFUSED_GOOD',
    [...good, verified('b', 82_000, 'SECRET_RETIRED', { generation: 2 })],
  ],
  ['an answer that is a fault', 'ANSWERED_WITH_A_FAULT', [...good, verified('a', 25_000, 'INTERNAL_SERVER_ERROR')]],
])('checker: finds %s', ([, rule, entries]) => {
  expect(rulesOf(entries)).toEqual([rule]);
});

test('checker: finds a decision that was made twice, and a missing decision', () => {
  const twice = events.map((event) => (event.position === 4 ? { ...event, type: 'KEY_EXPIRED' } : event));
  expect(rulesOf(without(good, receipts[3], ...delivered.slice(3, 4)), twice)).toContain('DECIDED_TWICE');
  const never = events.filter(({ type }) => type !== 'KEY_EXPIRED');
  expect(rulesOf(without(good, receipts.at(-1), delivered.at(-1)), never)).toEqual(['NEVER_DECIDED']);
});
