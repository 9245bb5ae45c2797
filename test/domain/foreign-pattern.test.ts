import { expect, test } from 'vitest';
import { compileForeignPattern, foreignPatternProblem } from '../../src/domain/foreign-pattern.ts';

test.each([
  ['sk_live_[0-9A-Za-z]{24}', 128],
  ['[0-9a-f]{40}', 160],
  ['[0-9A-Za-z]{20,64}', 80],
  ['acme-[a-z2-7]{26}', 128],
  ['oy2[a-z0-9]{43}', 128],
  ['kt-[0-9a-f]{40}', 160],
  ['kt?_?[0-9a-f]{40}', 160],
  ['[A-Za-z0-9_\\-]{43}', 256],
  ['acme\\.[A-Za-z0-9\\-]{22}\\.?', 128],
  ['acme_[0-9A-Za-z]{48}', 128],
])('foreign pattern: %s with %i bits is accepted', (pattern, bits) => {
  expect(foreignPatternProblem(pattern, bits)).toBeNull();
});

test.each([
  ['', 'expected at most 200 characters'],
  ['[0-9a-f]+', 'expected at most 200 characters'],
  ['(a|b){40}', 'expected at most 200 characters'],
  ['.{40}', 'expected at most 200 characters'],
  ['[^a]{40}', 'expected at most 200 characters'],
  ['[z-a]{40}', 'expected at most 200 characters'],
  ['[a-f]{40,20}', 'expected at most 200 characters'],
  ['a\\b[0-9a-f]{40}', 'expected at most 200 characters'],
  ['^[0-9a-f]{40}$', 'expected at most 200 characters'],
  [`${'a'.repeat(201)}`, 'expected at most 200 characters'],
  ['a?b?c?[0-9a-f]{40}', 'at most 2 parts that vary'],
  ['[0-9a-f]{256}', 'it matches 256 characters'],
  ['[0-9a-f]{19}', 'room for 76 random bits'],
  ['a{40}', 'room for 0 random bits'],
  ['kt_[0-9A-Za-z]{49}', 'secrets of this gateway'],
  ['kt_[0-9a-f]{40}', 'begin like another credential'],
  ['ktp_[0-9a-f]{40}', 'begin like another credential'],
  ['[k]t[a-z]_[0-9a-f]{40}', 'begin like another credential'],
  ['eyJ[0-9a-f]{40}', 'begin like another credential'],
  ['acme_live_[0-9A-Za-z]{40,60}', 'secrets of this gateway'],
  ['\\w{20,100}', 'secrets of this gateway'],
  ['[a-z_]{5}[0-9A-Z]{49}', 'secrets of this gateway'],
])('foreign pattern: %s is refused', (pattern, problem) => {
  expect(foreignPatternProblem(pattern, 80)).toContain(problem);
});

test('foreign pattern: it matches whole secrets alone, in bounded time', () => {
  const pattern = '[a-z]{1,127}[a-z0-9]{20,127}!';
  expect(foreignPatternProblem(pattern, 80)).toBeNull();
  const expression = compileForeignPattern(pattern);
  expect([expression.test(`${'a'.repeat(30)}!`), expression.test(`${'a'.repeat(30)}!x`)]).toEqual([true, false]);
  const start = performance.now();
  for (let round = 0; round < 100; round += 1) expression.test('a'.repeat(255));
  expect(performance.now() - start).toBeLessThan(1_000);
});
