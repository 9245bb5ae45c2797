import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { spreadOffset } from '../../src/domain/spread.ts';

const keyId = fc.string({ minLength: 1, maxLength: 40 });

test('spread: the offset of a key is always the same, in whole days, from 0 to less than the time', () => {
  fc.assert(
    fc.property(keyId, fc.integer({ min: 0, max: 365 * 24 }), (id, hours) => {
      const offset = spreadOffset(id, hours * HOUR_MS);
      expect(offset).toBe(spreadOffset(id, hours * HOUR_MS));
      expect(offset % DAY_MS).toBe(0);
      expect(offset).toBeGreaterThanOrEqual(0);
      expect(offset).toBeLessThan(Math.max(DAY_MS, hours * HOUR_MS));
      if (hours < 48) expect(offset).toBe(0);
    }),
  );
});

test('spread: over 14 days, no day has much more than its share of 10,000 keys', () => {
  const counts = new Map<number, number>();
  for (let index = 0; index < 10_000; index += 1) {
    const offset = spreadOffset(`key_${String(index)}`, 14 * DAY_MS);
    counts.set(offset, (counts.get(offset) ?? 0) + 1);
  }
  expect(counts.size).toBe(14);
  // 714 each, with a standard deviation of 26.
  for (const count of counts.values()) expect(Math.abs(count - 10_000 / 14)).toBeLessThan(5 * 26);
});
