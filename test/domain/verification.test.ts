import { expect, test } from 'vitest';
import { addMs } from '../../src/domain/key.ts';
import { outcomeMessages } from '../../src/domain/outcome-message.ts';
import { outcomeOf, outcomes, type Outcome, type VerificationFacts } from '../../src/domain/verification.ts';

const now = new Date('2026-11-23T12:00:00.000Z');
const purpose = { action: 'package:push', resource: 'Acme.Core' };
const good: VerificationFacts = {
  scopes: [{ action: 'package:push', resource: 'Acme.*' }],
  expiresAt: addMs(now, 1),
  expiryBasis: 'HARD',
  expiredAt: null,
  revokedAt: null,
  retiresAt: addMs(now, 1),
  isHeld: false,
  foldsCase: false,
  actions: new Set(['package:push']),
};

/** What makes each outcome, strongest first. */
const faults: [Outcome, Partial<VerificationFacts>][] = [
  ['KEY_REVOKED', { revokedAt: addMs(now, -1) }],
  ['SECRET_RETIRED', { retiresAt: now }],
  ['KEY_EXPIRED', { expiresAt: now }],
  ['KEY_HELD', { isHeld: true }],
  ['ACTION_UNKNOWN', { actions: new Set() }],
  ['SCOPE_MISSING', { scopes: [] }],
];

test('verification: of several faults the strongest is the outcome, in the promised order', () => {
  for (let chosen = 0; chosen < 2 ** faults.length; chosen += 1) {
    const present = faults.filter((_, index) => chosen & (1 << index));
    const facts = Object.assign({ ...good }, ...present.map(([, fault]) => fault));
    expect(outcomeOf(facts, purpose, now)).toBe(present[0]?.[0] ?? 'VALID');
  }
  expect(outcomes).toEqual(['KEY_UNKNOWN', ...faults.map(([outcome]) => outcome), 'VALID']);
});

test('verification: time ends a secret at the moment itself, not before', () => {
  for (const field of ['expiresAt', 'retiresAt'] as const) {
    expect(outcomeOf({ ...good, [field]: addMs(now, 1) }, purpose, now)).toBe('VALID');
    expect(outcomeOf({ ...good, [field]: now }, purpose, now)).not.toBe('VALID');
  }
  expect(outcomeOf({ ...good, expiresAt: null, expiryBasis: null, retiresAt: null }, purpose, now)).toBe('VALID');
});

test('verification: a BY_USE expiry applies only after a review recorded it', () => {
  const byUse: VerificationFacts = { ...good, expiresAt: addMs(now, -1000), expiryBasis: 'BY_USE' };
  expect(outcomeOf(byUse, purpose, now)).toBe('VALID');
  expect(outcomeOf({ ...byUse, expiredAt: addMs(now, -1) }, purpose, now)).toBe('KEY_EXPIRED');
});

test('verification: without a purpose the scopes are not checked', () => {
  expect(outcomeOf({ ...good, scopes: [] }, null, now)).toBe('VALID');
});

test('verification: every outcome has a message that says what to do', () => {
  for (const outcome of outcomes) expect(outcomeMessages[outcome]).toMatch(/\.$/);
  expect(new Set(Object.values(outcomeMessages))).toHaveLength(outcomes.length);
});
