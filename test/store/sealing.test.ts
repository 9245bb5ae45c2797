import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemRandom } from '../../src/store/random.ts';
import { Sealer, SealError } from '../../src/store/sealing.ts';

const sealingKey = new Uint8Array(32).fill(7);
const sealer = new Sealer(sealingKey, systemRandom);

function failureOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof SealError) return error.message;
    throw error;
  }
  return 'opened';
}

test('sealing: any sealed text opens in its context', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 200 });
  fc.assert(
    fc.property(text, text, (plain, context) => {
      const sealed = sealer.seal(plain, context);
      expect(sealed).toHaveLength(Buffer.byteLength(plain) + 33);
      expect(sealer.open(sealed, context)).toBe(plain);
    }),
  );
});

test('sealing: the same text sealed twice gives different bytes, and neither contains it', () => {
  const sealed = Array.from({ length: 1000 }, () => Buffer.from(sealer.seal('KTCANARY', 'x')).toString('hex'));
  expect(new Set(sealed).size).toBe(1000);
  expect(sealed.join()).not.toContain(Buffer.from('KTCANARY').toString('hex'));
});

test('sealing: every bit of a sealed text is authenticated', () => {
  const sealed = sealer.seal('attack at dawn', 'x');
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const bent = Uint8Array.from(sealed);
    bent[bit >> 3]! ^= 1 << (bit & 7);
    expect(failureOf(() => sealer.open(bent, 'x'))).not.toBe('opened');
  }
  for (let length = 0; length < sealed.length; length += 1) {
    expect(failureOf(() => sealer.open(sealed.subarray(0, length), 'x'))).not.toBe('opened');
  }
});

test('sealing: a text moved to another context does not open there', () => {
  const sealed = sealer.seal('a', 'signing-key:1');
  expect(failureOf(() => sealer.open(sealed, 'signing-key:2'))).toMatch(/cannot be opened/);
});

test('sealing: another sealing key is distinguished from a changed text', () => {
  const other = new Sealer(new Uint8Array(32).fill(8), systemRandom);
  expect(failureOf(() => other.open(sealer.seal('a', 'x'), 'x'))).toMatch(/another sealing key/);
});

test('sealing: derived sealers open each other’s texts only if their parts are the same', () => {
  const parts = fc.array(
    fc.string({ unit: fc.constantFrom('a', 'b', ':', '\0', 'ü', '\ud800', '\udc00'), maxLength: 4 }),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(parts, parts, (left, right) => {
      const sealed = sealer.derive('p', ...left).seal('a', 'x');
      const isSame = JSON.stringify(left) === JSON.stringify(right);
      expect(failureOf(() => sealer.derive('p', ...right).open(sealed, 'x')) === 'opened').toBe(isSame);
    }),
    { numRuns: 500 },
  );
  const sealed = sealer.derive('repeat', 'key', 'caller').seal('a', 'x');
  expect(failureOf(() => sealer.open(sealed, 'x'))).toMatch(/cannot be opened/);
  expect(failureOf(() => sealer.derive('repeat', 'keyc', 'aller').open(sealed, 'x'))).toMatch(/cannot be opened/);
  expect(failureOf(() => sealer.derive('repeatkey', 'caller').open(sealed, 'x'))).toMatch(/cannot be opened/);
});

test('sealing: parts of any length are distinguished to their last letter', () => {
  const long = 'k'.repeat(100_000);
  const sealed = sealer.derive('p', `${long}1`).seal('a', 'x');
  expect(failureOf(() => sealer.derive('p', `${long}2`).open(sealed, 'x'))).toMatch(/cannot be opened/);
  expect(sealer.derive('p', `${long}1`).open(sealed, 'x')).toBe('a');
});

test('sealing: a lone surrogate is refused, as it could not be restored', () => {
  expect(() => sealer.seal('\ud800', 'x')).toThrow(SealError);
});

test('sealing: a MAC depends on the key, the purpose and the text', () => {
  const other = new Sealer(new Uint8Array(32).fill(8), systemRandom);
  const texts = ['', 'a', 'b', '\ud800', '\udc00'];
  const digests = [sealer, other].flatMap((each) =>
    ['p', 'q'].flatMap((purpose) => texts.map((text) => each.mac(purpose, text))),
  );
  expect(new Set(digests.map((digest) => digest.toString('hex'))).size).toBe(20);
  expect(sealer.mac('p', 'a')).toEqual(sealer.mac('p', 'a'));
  expect(sealer.mac('p', 'a')).toHaveLength(32);
});

test('sealing: a key of another size is refused', () => {
  expect(() => new Sealer(new Uint8Array(16), systemRandom)).toThrow(/found 16 bytes; expected 32/);
});

test('sealing: a sealer prints nothing of its keys', async () => {
  const { inspect } = await import('node:util');
  expect(inspect(sealer, { depth: 9, showHidden: true })).not.toMatch(/07 07|7, 7/);
  expect(JSON.stringify(sealer)).toBe('{}');
});
