import { expect, test } from 'vitest';
import { systemRandom } from '../../src/store/random.ts';

test('systemRandom: each call returns other bytes of the requested size, in memory of their own', () => {
  const sizes = [0, 1, 10, 12, 16, 32, 64, 65, 4_096, 10_000];
  const drawn = Array.from({ length: 2_000 }, (_, index) => systemRandom(sizes[index % sizes.length] ?? 0));
  expect(drawn.slice(0, sizes.length).map(({ length }) => length)).toEqual(sizes);
  const large = drawn.filter(({ length }) => length >= 10).map((bytes) => Buffer.from(bytes).toString('hex'));
  expect(new Set(large).size).toBe(large.length);
  const [one, other] = [systemRandom(10), systemRandom(10)];
  const before = Buffer.from(other).toString('hex');
  one.fill(0);
  expect([one.buffer.byteLength, Buffer.from(other).toString('hex')]).toEqual([10, before]);
  // Every value of a byte comes about as often.
  const counts = new Map<number, number>();
  for (let index = 0; index < 10_000; index += 1) {
    for (const byte of systemRandom(16)) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  }
  expect(counts.size).toBe(256);
  expect(Math.min(...counts.values())).toBeGreaterThan(400);
  expect(Math.max(...counts.values())).toBeLessThan(900);
});
