import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../src/domain/canonical-json.ts';
import { Sensitive } from '../../src/domain/sensitive.ts';

/** The text as it is defined: stored digests of inputs were made of it. */
function define(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(
          Object.entries(part)
            .filter(([, field]) => field !== null)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : part,
  );
}

const leaf = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.boolean(),
  fc.constantFrom(null, undefined, Number.NaN, -0, new Date(0), new Date(Number.NaN), Buffer.from('bytes')),
);
const name = fc.oneof(
  fc.string(),
  fc.constantFrom('10', '9', '01', '-1', '4294967295', 'toString', 'constructor', '__proto__'),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, leaf, tie('list'), tie('object')),
  list: fc.array(tie('value')),
  object: fc.dictionary(name, tie('value')),
}));

test('canonicalJson: it writes any value as JSON.stringify does, with sorted fields and without null', () => {
  fc.assert(
    fc.property(value, (one) => void expect(canonicalJson(one)).toBe(define(one))),
    { numRuns: 2_000 },
  );
});

test('canonicalJson: equal inputs give equal text, whatever the order of their fields; a secret is not in it', () => {
  expect(canonicalJson({ b: [{ d: null, c: 1 }], a: null })).toBe('{"b":[{"c":1}]}');
  expect(canonicalJson({ a: 1, b: undefined, c: { z: 2, y: 1 } })).toBe(canonicalJson({ c: { y: 1, z: 2 }, a: 1 }));
  const secret = { secret: new Sensitive('hush') };
  expect(canonicalJson(secret)).toBe(define(secret));
  expect(() => canonicalJson({ a: 1n })).toThrow(TypeError);
});
