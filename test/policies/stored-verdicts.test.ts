import { expect, test } from 'vitest';
import type { ExpiryVerdict } from '../../src/policies/contract.ts';
import {
  hardCapOf,
  parseStoredVerdicts,
  postponeVerdicts,
  restoreRawStops,
  serializeVerdicts,
} from '../../src/policies/stored-verdicts.ts';

const reason = { code: 'X', sentence: 'A reason.' };
const expiry: ExpiryVerdict = { request: null, cap: { at: 1_000, basis: 'HARD' }, reason };
const dormancy = { warnAt: 1_500, holdAt: 2_000, expireAt: null, reason };
const head = { bindingId: 'binding_a', revision: 2, hash: 'ab', at: 500, counts: true, noticeMs: 10 };

/** As rows have had it since the first release. */
const json = [
  { ...head, said: { expiry, renewal: null, dormancy }, kept: { cap: 1_100, hold: 2_100, expire: null } },
] as const;
const row = { verdicts: json };

test('stored verdicts: the column keeps said and kept, the code reads raw and effective', () => {
  const [verdict] = parseStoredVerdicts(row);
  expect(verdict).toEqual({
    ...head,
    raw: { expiry, renewal: null, dormancy },
    effective: { cap: 1_100, hold: 2_100, expire: null },
  });
});

test('stored verdicts: what is parsed is serialized as it was', () => {
  expect(serializeVerdicts(parseStoredVerdicts(row))).toEqual(json);
});

test('stored verdicts: a key without a row, or without verdicts, has none', () => {
  for (const none of [null, undefined, { verdicts: null }, { verdicts: [] }]) {
    expect(parseStoredVerdicts(none)).toEqual([]);
  }
});

test('stored verdicts: a row that is parsed twice gives the same objects', () => {
  expect(parseStoredVerdicts({ ...row })[0]).toBe(parseStoredVerdicts(row)[0]);
});

test('stored verdicts: a postponement moves the stops that use decides, and no HARD cap', () => {
  const [verdict] = postponeVerdicts(parseStoredVerdicts(row), 50);
  expect(verdict?.effective).toEqual({ cap: 1_100, hold: 2_150, expire: null });
});

test('stored verdicts: without notice the stops are those that the policy returned', () => {
  const verdicts = restoreRawStops(parseStoredVerdicts(row));
  expect(verdicts[0]?.effective).toEqual({ cap: 1_000, hold: 2_000, expire: null });
  expect(verdicts.map(hardCapOf)).toEqual([1_000]);
});
