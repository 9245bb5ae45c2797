import { hash as digest } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { newId } from '../../src/domain/id.ts';
import { compactVerdicts, expandVerdicts, readJudgedAt } from '../../src/policies/compact/compact-verdicts.ts';
import { phrases } from '../../src/policies/compact/phrases.ts';
import { areSameVerdicts } from '../../src/policies/same-verdicts.ts';
import { COMPACT_VERDICTS, serializeVerdicts, type BindingVerdict } from '../../src/policies/stored-verdicts.ts';

const instant = fc.integer({ min: 0, max: 253_402_300_799_999 });
const duration = fc.integer({ min: 0, max: 36_500 * 86_400_000 });
const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const day = fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true });
const sentence = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(...phrases),
        day.map((date) => date.toISOString().slice(0, 10)),
        fc.string(),
      ),
    )
    .map((parts) => parts.join('')),
);
const reason = fc.record({ code: fc.oneof(fc.constantFrom(...phrases), fc.constant('X_1')), sentence });
const raw = fc.record({
  expiry: orNull(
    fc.record({
      request: orNull(fc.record({ shortest: duration, longest: duration, default: orNull(duration) })),
      cap: orNull(fc.record({ at: instant, basis: fc.constantFrom('HARD' as const, 'BY_USE' as const) })),
      reason,
    }),
  ),
  renewal: orNull(
    fc.record({
      isAllowed: fc.boolean(),
      allowedAt: orNull(instant),
      mode: fc.constantFrom('EXTEND' as const, 'ROTATE' as const),
      longest: orNull(duration),
      window: orNull(fc.record({ opensAt: instant, closesAt: instant })),
      graceExtension: orNull(duration),
      retiresWhenMoved: orNull(fc.boolean()),
      reason,
    }),
  ),
  dormancy: orNull(fc.record({ warnAt: orNull(instant), holdAt: orNull(instant), expireAt: orNull(instant), reason })),
});
const bindingId = fc.oneof(
  fc.constant('binding_a'),
  fc
    .tuple(instant, fc.uint8Array({ minLength: 10, maxLength: 10 }))
    .map(([at, bits]) => newId('binding', new Date(at), () => bits)),
);
const hash = fc.oneof(
  fc.constant('ab'),
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex')),
);
const verdict: fc.Arbitrary<BindingVerdict> = fc.record({
  bindingId,
  revision: fc.integer({ min: 1, max: 2 ** 31 }),
  hash,
  at: fc.oneof(fc.constant(0), instant),
  counts: fc.boolean(),
  noticeMs: duration,
  raw,
  effective: fc.record({ cap: orNull(instant), hold: orNull(instant), expire: orNull(instant) }),
});

test('compact verdicts: what is stored is read again, whatever a policy returned', () => {
  fc.assert(
    fc.property(instant, fc.array(verdict, { maxLength: 4 }), (judgedAt, verdicts) => {
      const bytes = compactVerdicts({ judgedAt, verdicts });
      expect(expandVerdicts(bytes)).toEqual({ judgedAt, verdicts });
      expect(readJudgedAt(bytes)).toBe(judgedAt);
    }),
    { numRuns: 500 },
  );
});

test('compact verdicts: bytes that end too soon, go on or are of another format are refused', () => {
  const [one] = fc.sample(verdict, { numRuns: 1, seed: 1 });
  const bytes = compactVerdicts({ judgedAt: 1, verdicts: [one!] });
  for (let length = 0; length < bytes.length; length += 1) {
    expect(() => expandVerdicts(bytes.slice(0, length))).toThrow(RangeError);
  }
  expect(() => expandVerdicts(Uint8Array.from([...bytes, 0]))).toThrow('there are more bytes than verdicts');
  expect(() => expandVerdicts(Uint8Array.from([2, ...bytes.slice(1)]))).toThrow('found verdicts in format 2');
});

test('compact verdicts: a row of this release can be read in all later ones', () => {
  const judgedAt = Date.UTC(2026, 10, 23, 12);
  const sentence = 'A key that is not used for 365 days expires. It was last active on 2026-11-23.';
  const cap = { at: judgedAt + 5, basis: 'BY_USE' as const };
  const expiry = { request: null, cap, reason: { code: 'UNUSED', sentence } };
  const head = { bindingId: 'binding_01h455vb4pex5vsknk084sn02q', revision: 2, hash: '0a'.repeat(32), at: judgedAt };
  const effective = { cap: judgedAt + 5, hold: null, expire: null };
  const raw = { expiry, renewal: null, dormancy: null };
  const verdicts = [{ ...head, counts: true, noticeMs: 2_592_000_000, raw, effective }];
  const hex = Buffer.from(compactVerdicts({ judgedAt, verdicts })).toString('hex');
  expect(hex).toMatchInlineSnapshot(
    `"01a0e9c41c017301890a5dac96774bbcceb302099a8057020a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a80a30500018bf8b784c168004d0020482802aca20101012e00000000"`,
  );
});

test('compact verdicts: a list of phrases that nodes of another release cannot read has another name of the format', () => {
  const found = { count: phrases.length, sha256: digest('sha256', JSON.stringify(phrases)) };
  // Add a name for a longer list, and keep those of releases: their phrases are the first of it.
  const lists: Record<string, { count: number; sha256: string }> = {
    VERDICTS_1: { count: 57, sha256: '4cb426040a8997c9fd135c0150a0da3fa421643bfd2d800726b35e770a47e246' },
  };
  expect(lists[COMPACT_VERDICTS]).toEqual(found);
  for (const { count, sha256 } of Object.values(lists))
    expect(digest('sha256', JSON.stringify(phrases.slice(0, count)))).toBe(sha256);
});

test('compact verdicts: no phrase is longer than the sentences of the policies that come with Keytide', () => {
  const folder = new URL('../../plugins/', import.meta.url);
  const texts = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));
  const code = phrases.filter((phrase) => /^[A-Z_]+$/.test(phrase) && phrase !== 'LAST_BOUNDS');
  expect(code.filter((phrase) => !texts.some((text) => text.includes(`'${phrase}'`)))).toEqual([]);
  expect(new Set(phrases).size).toBe(phrases.length);
  expect(phrases.length).toBeLessThanOrEqual(224);
});

test('same verdicts: the moment of the evaluation does not count, all else does', () => {
  fc.assert(
    fc.property(verdict, verdict, (one, other) => {
      const stored = JSON.parse(JSON.stringify(one)) as BindingVerdict;
      expect(areSameVerdicts([one], [{ ...stored, at: one.at === 0 ? 0 : one.at + 1 }])).toBe(true);
      const isEqual = JSON.stringify(serializeVerdicts([one])) === JSON.stringify(serializeVerdicts([other]));
      if (!isEqual) expect(areSameVerdicts([one], [{ ...other, at: one.at }])).toBe(false);
      expect(areSameVerdicts([one], [{ ...one, noticeMs: one.noticeMs + 1 }])).toBe(false);
      expect(areSameVerdicts([one], [])).toBe(false);
    }),
  );
});
