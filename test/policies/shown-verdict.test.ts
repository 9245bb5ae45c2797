import { expect, test } from 'vitest';
import { shownVerdictOf } from '../../src/policies/binding-verdict.ts';
import type { BindingVerdict } from '../../src/policies/stored-verdicts.ts';

test('shown verdicts: one that counted does not count any more once its revision is only shown', () => {
  const stored: BindingVerdict = {
    ...{ bindingId: 'binding_a', revision: 2, hash: 'ab', at: 500, counts: true, noticeMs: 10 },
    raw: { expiry: null, renewal: null, dormancy: null },
    effective: { cap: 1_000, hold: null, expire: null },
  };
  const shown = { bindingId: 'binding_a', revision: 2 };
  expect(shownVerdictOf({ previous: [stored] }, shown)).toEqual({ ...stored, counts: false });
  expect(shownVerdictOf({ previous: [stored] }, { ...shown, revision: 3 })).toBeNull();
});
