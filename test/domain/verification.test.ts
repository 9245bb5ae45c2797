import { expect, test } from 'vitest';
import { addMs } from '../../src/domain/key.ts';
import { outcomeMessages } from '../../src/domain/outcome-message.ts';
import { outcomeOf, outcomes, type Outcome, type VerificationFacts } from '../../src/domain/verification.ts';

const now = new Date('2026-11-23T12:00:00.000Z');
const address = '192.0.2.7';
const purpose = { action: 'package:push', resource: 'Acme.Core' };
const good: VerificationFacts = {
  scopes: [{ action: 'package:push', resource: 'Acme.*' }],
  expiresAt: addMs(now, 1),
  expiryBasis: 'HARD',
  expiredAt: null,
  revokedAt: null,
  retiresAt: addMs(now, 1),
  isHeld: false,
  notBefore: now,
  allowedAddresses: ['192.0.2.0/24'],
  brownouts: [{ from: now.getTime() + 1, to: now.getTime() + 2 }],
  foldsCase: false,
  actions: new Set(['package:push']),
};

/** What makes each outcome, strongest first. */
const faults: [Outcome, Partial<VerificationFacts>][] = [
  ['KEY_REVOKED', { revokedAt: addMs(now, -1) }],
  ['SECRET_RETIRED', { retiresAt: now }],
  ['KEY_EXPIRED', { expiresAt: now }],
  ['KEY_HELD', { isHeld: true }],
  ['NOT_YET_VALID', { notBefore: addMs(now, 1) }],
  ['ADDRESS_NOT_ALLOWED', { allowedAddresses: ['198.51.100.7/32'] }],
  ['BROWNOUT', { brownouts: [{ from: now.getTime(), to: now.getTime() + 1 }] }],
  ['ACTION_UNKNOWN', { actions: new Set() }],
  ['SCOPE_MISSING', { scopes: [] }],
];

test('verification: of several faults the strongest is the outcome, in the promised order', () => {
  for (let chosen = 0; chosen < 2 ** faults.length; chosen += 1) {
    const present = faults.filter((_, index) => chosen & (1 << index));
    const facts = Object.assign({ ...good }, ...present.map(([, fault]) => fault));
    expect(outcomeOf(facts, purpose, now, address)).toBe(present[0]?.[0] ?? 'VALID');
  }
  expect(outcomes).toEqual(['KEY_UNKNOWN', ...faults.map(([outcome]) => outcome), 'VALID']);
});

test('verification: time ends a secret at the moment itself, not before', () => {
  for (const field of ['expiresAt', 'retiresAt'] as const) {
    expect(outcomeOf({ ...good, [field]: addMs(now, 1) }, purpose, now, address)).toBe('VALID');
    expect(outcomeOf({ ...good, [field]: now }, purpose, now, address)).not.toBe('VALID');
  }
  expect(outcomeOf({ ...good, expiresAt: null, expiryBasis: null, retiresAt: null }, purpose, now, address)).toBe(
    'VALID',
  );
});

test('verification: a BY_USE expiry applies only after a review recorded it', () => {
  const byUse: VerificationFacts = { ...good, expiresAt: addMs(now, -1000), expiryBasis: 'BY_USE' };
  expect(outcomeOf(byUse, purpose, now, address)).toBe('VALID');
  expect(outcomeOf({ ...byUse, expiredAt: addMs(now, -1) }, purpose, now, address)).toBe('KEY_EXPIRED');
});

test('verification: without a purpose the scopes are not checked', () => {
  expect(outcomeOf({ ...good, scopes: [] }, null, now, address)).toBe('VALID');
});

test('verification: a key with allowed addresses is refused from elsewhere, and from an unknown address', () => {
  for (const from of ['192.0.3.7', '2001:db8::1', null]) {
    expect(outcomeOf(good, purpose, now, from)).toBe('ADDRESS_NOT_ALLOWED');
    expect(outcomeOf({ ...good, allowedAddresses: [] }, purpose, now, from)).toBe('VALID');
  }
  expect(outcomeOf(good, purpose, now, '::ffff:192.0.2.7')).toBe('VALID');
  expect(outcomeOf(good, purpose, now)).toBe('ADDRESS_NOT_ALLOWED');
});

test('verification: every outcome has a message that says what to do', () => {
  for (const outcome of outcomes) expect(outcomeMessages[outcome]).toMatch(/\.$/);
  expect(new Set(Object.values(outcomeMessages))).toHaveLength(outcomes.length);
});
