import { expect, test } from 'vitest';
import { findSubjectScopes, type SubjectCeiling } from '../../src/domain/subject.ts';

test('subject ceilings: one with a field that this release does not know gives no scope, the others do', () => {
  const push = { action: 'package:push', resource: 'Acme.*' };
  const read = { action: 'package:read', resource: '**' };
  const label = { name: 'policy/tier', value: 'trial' };
  const scopesOf = (...ceilings: object[]) => findSubjectScopes(ceilings as SubjectCeiling[], [label]);
  const open = { label: null, scopes: [read] };
  expect(scopesOf(open, { label, scopes: [push] })).toEqual([read, push]);
  // As a newer release may store it.
  for (const narrower of [
    { label, scopes: [push], onlyUntil: '2027-01-31T00:00:00.000Z' },
    { label: { ...label, isVerified: true }, scopes: [push] },
    { label, scopes: [{ ...push, except: 'Acme.Core' }] },
  ]) {
    expect(scopesOf(open, narrower)).toEqual([read]);
  }
});
