import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cohortThreshold, hashPosition, ownerPosition, type OwnerKeys } from '../../src/domain/cohort.ts';

const salt = Buffer.from('salt');

const owners = fc
  .array(fc.nat({ max: 500 }), { minLength: 1, maxLength: 200 })
  .map((counts) => counts.map((count, index): OwnerKeys => ({ ownerId: `account_${index}`, keyCount: count + 1 })));

function place(population: readonly OwnerKeys[]) {
  const total = population.reduce((sum, { keyCount }) => sum + keyCount, 0);
  return population.map((owner) => ({ ...owner, position: ownerPosition(salt, owner, total) }));
}

test('cohorts: the position of an owner depends on the owner and on the salt alone', () => {
  expect(hashPosition(salt, 'account_a')).toBe(hashPosition(Buffer.from('salt'), 'account_a'));
  expect(hashPosition(salt, 'account_a')).not.toBe(hashPosition(salt, 'account_b'));
  expect(hashPosition(salt, 'account_a')).not.toBe(hashPosition(Buffer.from('other'), 'account_a'));
});

test('cohorts: positions are uniform', () => {
  const positions = Array.from({ length: 10_000 }, (_, index) => hashPosition(salt, `account_${index}`));
  for (const share of [0.01, 0.05, 0.25, 0.5]) {
    const found = positions.filter((position) => position < share).length / positions.length;
    expect(Math.abs(found - share)).toBeLessThan(0.02);
  }
  expect(Math.min(...positions)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...positions)).toBeLessThan(1);
});

test('cohorts: a share bounds the owners and their keys', () => {
  fc.assert(
    fc.property(owners, fc.double({ min: 0.001, max: 0.999, noNaN: true }), (population, share) => {
      const placed = place(population);
      const threshold = cohortThreshold(placed, share);
      const cohort = placed.filter(({ position }) => position < threshold);
      const keys = (list: readonly OwnerKeys[]) => list.reduce((sum, { keyCount }) => sum + keyCount, 0);
      expect(threshold).toBeLessThanOrEqual(share);
      expect(cohort.length).toBeLessThanOrEqual(Math.ceil(share * placed.length));
      expect(keys(cohort)).toBeLessThanOrEqual(Math.ceil(share * keys(placed)));
    }),
  );
});

test('cohorts: an owner with most of the keys is in no small cohort, and keeps nobody else out', () => {
  const many = Array.from({ length: 999 }, (_, index) => ({ ownerId: `account_${index}`, keyCount: 1 }));
  const placed = place([...many, { ownerId: 'account_large', keyCount: 9_000 }]);
  const cohort = placed.filter(({ position }) => position < cohortThreshold(placed, 0.05));
  expect(cohort.map(({ ownerId }) => ownerId)).not.toContain('account_large');
  expect(cohort.length).toBeGreaterThan(25);
});

test('cohorts: who is in a cohort is in each later one', () => {
  fc.assert(
    fc.property(owners, owners, fc.array(fc.double({ min: 0.001, max: 0.999, noNaN: true })), (one, other, shares) => {
      let previous = 0;
      for (const [index, share] of shares.toSorted((a, b) => a - b).entries()) {
        // The population changes meanwhile.
        const threshold = cohortThreshold(place(index % 2 === 0 ? one : other), share, previous);
        expect(threshold).toBeGreaterThanOrEqual(previous);
        previous = threshold;
      }
      expect(cohortThreshold(place(one), 1, previous)).toBe(1);
    }),
  );
});
