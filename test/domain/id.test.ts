import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUuid, kindOf, idKinds, newId } from '../../src/domain/id.ts';

const bytesOf = (uuid: string) => Uint8Array.from(Buffer.from(uuid.replaceAll('-', ''), 'hex'));
const kind = fc.constantFrom(...idKinds);
const instant = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true });
const bits = fc.uint8Array({ minLength: 10, maxLength: 10 });

/** The 128 bits of an id's digits, read as one number. */
function uuidOf(id: string): string {
  const digits = id.slice(id.indexOf('_') + 1);
  const number = [...digits].reduce(
    (sum, digit) => sum * 32n + BigInt('0123456789abcdefghjkmnpqrstvwxyz'.indexOf(digit)),
    0n,
  );
  return number.toString(16).padStart(32, '0');
}

describe('encodeUuid', () => {
  it.each([
    ['00000000000000000000000000', '00000000-0000-0000-0000-000000000000'],
    ['00000000000000000000000001', '00000000-0000-0000-0000-000000000001'],
    ['0000000000000000000000000a', '00000000-0000-0000-0000-00000000000a'],
    ['0000000000000000000000000g', '00000000-0000-0000-0000-000000000010'],
    ['00000000000000000000000010', '00000000-0000-0000-0000-000000000020'],
    ['7zzzzzzzzzzzzzzzzzzzzzzzzz', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
    ['0123456789abcdefghjkmnpqrs', '0110c853-1d09-52d8-d73e-1194e95b5f19'],
    ['01h455vb4pex5vsknk084sn02q', '01890a5d-ac96-774b-bcce-b302099a8057'],
  ])('gives %s, as the vectors of the TypeID specification do', (digits, uuid) => {
    expect(encodeUuid(bytesOf(uuid))).toBe(digits);
    expect(kindOf(`key_${digits}`)).toBe('key');
  });

  it('takes 16 bytes', () => {
    expect(() => encodeUuid(new Uint8Array(15))).toThrow('16 bytes expected, not 15');
  });
});

describe('newId', () => {
  it('is a UUID version 7 of that millisecond: the specification’s own from its own parts', () => {
    const parts = bytesOf('01890a5d-ac96-774b-bcce-b302099a8057');
    expect(newId('key', new Date(0x01890a5dac96), () => parts.slice(6))).toBe('key_01h455vb4pex5vsknk084sn02q');
  });

  it('keeps version and variant, the whole time and 74 bits of the random ones', () => {
    fc.assert(
      fc.property(kind, instant, bits, (word, now, random) => {
        const id = newId(word, now, (size) => random.slice(0, size));
        const uuid = uuidOf(id);
        expect(parseInt(uuid.slice(0, 12), 16)).toBe(now.getTime());
        expect(uuid[12]).toBe('7');
        expect('89ab').toContain(uuid[16]);
        const given = Buffer.from(random).toString('hex');
        expect(uuid.slice(13, 16) + uuid.slice(17)).toBe(given.slice(1, 4) + given.slice(5));
        expect(BigInt(`0x${uuid[16]}`) & 3n).toBe(BigInt(`0x${given[4]}`) & 3n);
        expect(kindOf(id)).toBe(word);
      }),
    );
  });

  it('sorts by time as text', () => {
    fc.assert(
      fc.property(instant, instant, bits, bits, (a, b, first, second) => {
        const [earlier, later] = a < b ? [a, b] : [b, a];
        if (earlier.getTime() === later.getTime()) return;
        expect(newId('event', earlier, () => first) < newId('event', later, () => second)).toBe(true);
      }),
    );
  });

  it('does not repeat itself within a millisecond', () => {
    const now = new Date('2026-08-01T00:00:00Z');
    expect(new Set(Array.from({ length: 50_000 }, () => newId('event', now, randomBytes))).size).toBe(50_000);
  });

  it('refuses instants that it cannot write, and a source that gives too little', () => {
    for (const at of [new Date(-1), new Date(NaN), new Date(2 ** 48)]) {
      expect(() => newId('key', at, randomBytes)).toThrow(RangeError);
    }
    expect(() => newId('key', new Date(0), () => new Uint8Array(9))).toThrow('10 random bytes expected, not 9');
  });
});

describe('kindOf', () => {
  it('knows every kind by its word', () => {
    for (const word of idKinds) {
      const id = newId(word, new Date(), randomBytes);
      expect(id).toMatch(new RegExp(`^${word}_[0-9a-z]{26}$`));
      expect(kindOf(id)).toBe(word);
    }
  });

  it.each([
    'KEY_00000000000000000000000000',
    'keys_00000000000000000000000000',
    'prefix_00000000000000000000000000',
    'constructor_00000000000000000000000000',
    '12345_00000000000000000000000000',
    ' key_00000000000000000000000000',
    'key_00000000000000000000000000\n',
    '00000000000000000000000000',
    '_00000000000000000000000000',
    '_',
    '',
    'key_',
    'key__00000000000000000000000000',
    '_key_00000000000000000000000000',
    'key_1234567890123456789012345',
    'key_123456789012345678901234567',
    'key_1234567890123456789012345 ',
    'key_0123456789ABCDEFGHJKMNPQRS',
    'key_123456789-123456789-123456',
    'key_ooooooiiiiiiuuuuuuulllllll',
    'key_i23456789ol23456789oi23456',
    'key_123456789-0123456789-0123456',
    'key_8zzzzzzzzzzzzzzzzzzzzzzzzz',
  ])('refuses %j', (text) => {
    expect(kindOf(text)).toBeNull();
  });

  it('accepts no text but the one that its bits are written as', () => {
    const digit = fc.constantFrom(...'0123456789abcdefghijklmnopqrstuvwxyz-_ABC');
    fc.assert(
      fc.property(fc.array(digit, { minLength: 25, maxLength: 27 }), (digits) => {
        const id = `key_${digits.join('')}`;
        if (kindOf(id) === null) return;
        expect(encodeUuid(bytesOf(uuidOf(id)))).toBe(digits.join(''));
      }),
      { numRuns: 2_000 },
    );
  });
});
