import { expect, test } from 'vitest';
import { detailsOf, fail, failures, isFailure, type FailureName } from '../../src/domain/failure.ts';

const rows = Object.entries(failures) as [FailureName, (typeof failures)[FailureName]][];

test.each(rows)('%s has a code after its name, and says what to do', (name, { code, remedy, retry }) => {
  expect(code).toBe(name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase());
  expect(remedy).toMatch(/^[A-Z].*\.$/s);
  expect(['NEVER', 'LATER']).toContain(retry);
});

test('no two failures have the same code', () => {
  expect(new Set(rows.map(([, { code }]) => code)).size).toBe(rows.length);
});

test('a failure says what was found, then what to do', () => {
  expect(fail('KeyNotFound', 'There is no such key.', { path: ['input', 'keyId'] })).toEqual({
    failure: 'KeyNotFound',
    code: 'KEY_NOT_FOUND',
    message: 'There is no such key. Check the id, and that your account or key may see this key.',
    path: ['input', 'keyId'],
    details: {},
  });
  const earliest = new Date(0);
  expect(fail('ExpiryOutOfBounds', 'Too late.', { details: { earliest, latest: null } })).toMatchObject({
    path: null,
    details: { earliest, latest: null },
  });
});

test('the facts of a failure are instants, but for a state, a length of time and what is wrong with a configuration or a token', () => {
  const details = rows.flatMap(([name]) => Object.entries(detailsOf(name)));
  expect(Object.fromEntries(details)).toEqual({
    earliest: 'INSTANT',
    latest: 'INSTANT',
    allowedAt: 'INSTANT',
    previousRetiresAt: 'INSTANT',
    state: 'STATE',
    issues: 'ISSUES',
    required: 'DURATION',
    problem: 'TOKEN_PROBLEM',
  });
});

test('isFailure tells a failure from a success', () => {
  expect(isFailure(fail('KeyNotFound', 'None.'))).toBe(true);
  expect(isFailure({ keyId: 'key_a' })).toBe(false);
});
