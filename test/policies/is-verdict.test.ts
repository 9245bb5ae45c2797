import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decisions, isSurelyVerdict, verdictProblem, verdictSchemas } from '../../src/policies/check-verdict.ts';

const instant = fc.integer({ min: 0, max: 253_402_300_799_999 });
const length = fc.integer({ min: 0, max: 36_500 * 86_400_000 });
const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const reason = fc.record({
  code: fc.constantFrom('UNUSED', 'X_1'),
  sentence: fc.oneof(fc.constant('It was not used.'), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 })),
});
const replies = {
  expiry: fc.record({
    request: orNull(fc.record({ shortest: length, longest: length, default: orNull(length) })),
    cap: orNull(fc.record({ at: instant, basis: fc.constantFrom('HARD', 'BY_USE') })),
    reason,
  }),
  renewal: fc.record({
    isAllowed: fc.boolean(),
    allowedAt: orNull(instant),
    mode: fc.constantFrom('EXTEND', 'ROTATE'),
    longest: orNull(length),
    window: orNull(fc.record({ opensAt: instant, closesAt: instant })),
    graceExtension: orNull(length),
    retiresWhenMoved: orNull(fc.boolean()),
    reason,
  }),
  dormancy: fc.record({ warnAt: orNull(instant), holdAt: orNull(instant), expireAt: orNull(instant), reason }),
};

/** What a module may return in the place of a member. */
const wrong = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    -1,
    -0,
    0.5,
    2 ** 53,
    253_402_300_800_000,
    '',
    ' ',
    'lower',
    'A'.repeat(41),
    'a\u0000b',
    'x'.repeat(301),
  ),
);

/** Changes one member of an object, at any depth: adds, replaces or removes it. */
function alter(
  value: unknown,
  path: readonly number[],
  by: { readonly kind: number; readonly value: unknown },
): unknown {
  if (typeof value !== 'object' || value === null) return by.value;
  const members = { ...(value as Record<string, unknown>) };
  const names = Object.keys(members);
  const [place = 0, ...rest] = path;
  const name = names[place % Math.max(1, names.length)] ?? 'reason';
  if (rest.length > 0) members[name] = alter(members[name], rest, by);
  else if (by.kind === 0) delete members[name];
  else if (by.kind === 1) members['more'] = by.value;
  else members[name] = by.value;
  return members;
}

test('verdict check: it says of every reply what the schema says, so that most replies need no schema', () => {
  const path = fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 2 });
  const change = fc.record({ kind: fc.nat({ max: 2 }), value: wrong });
  const seen = { valid: 0, invalid: 0 };
  for (const decision of decisions) {
    const reply = fc.oneof(
      replies[decision],
      fc.tuple(replies[decision], path, change).map(([one, place, by]) => alter(one, place, by)),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(reply, (one: unknown) => {
        const isValid = verdictSchemas[decision].safeParse(one).success;
        seen[isValid ? 'valid' : 'invalid'] += 1;
        expect(isSurelyVerdict[decision](one), JSON.stringify(one)).toBe(isValid);
        expect(verdictProblem(decision, one) === null).toBe(isValid);
      }),
      { numRuns: 500 },
    );
  }
  expect(Math.min(seen.valid, seen.invalid)).toBeGreaterThan(100);
});
