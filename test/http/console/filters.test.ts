import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutSecrets } from '../../../src/console/parts/cut-secrets.ts';
import {
  hiddenKeys,
  noFilters,
  readFilters,
  shownKeys,
  withEnded,
  writeFilters,
} from '../../../src/console/pages/key-list/filters.ts';
import { DAY_MS } from '../../../src/domain/duration.ts';
import { newSecret } from '../../../src/domain/secret.ts';
import { systemRandom } from '../../../src/store/random.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((value) => cutSecrets(value) === value);
const time = fc.constantFrom('', 'P1D', 'P30D', 'P365D');
const day = fc.constantFrom('', '2026-11-30', '2028-02-29');
const filters = fc.record({
  search: text,
  states: fc.subarray(['ACTIVE', 'HELD', 'EXPIRED', 'REVOKED'] as const),
  within: time,
  unused: time,
  isNeverUsed: fc.boolean(),
  isDormant: fc.boolean(),
  exchanged: fc.constantFrom('', 'yes', 'no'),
  care: fc.constantFrom('', 'unattended', 'late', 'rotating', 'stalled', 'leaked'),
  realm: text,
  owner: text,
  label: text,
  consumer: text,
  action: text,
  issuedBy: text,
  parent: text,
  tokenRule: text,
  subject: text,
  issuedFrom: day,
  issuedTo: day,
  order: fc.constantFrom('stops', 'newest', 'used', 'name'),
} as const);

test('console filters: what an address says is read as it was written, in one form', () => {
  fc.assert(
    fc.property(filters, (chosen) => {
      const written = writeFilters(chosen);
      expect(readFilters(written)).toEqual(chosen);
      expect(writeFilters(readFilters(written))).toBe(written);
    }),
  );
  expect(writeFilters(noFilters)).toBe('');
});

test('console filters: what an address says that nobody could choose is left out', () => {
  expect(
    readFilters(
      '?state=gone&within=P1M&unused=x&ci=maybe&care=constructor&order=toString&issued-from=today&issued-to=2026-13-01&more=1',
    ),
  ).toEqual(noFilters);
});

test('console filters: ended keys are hidden unless states are chosen; instants are the same for an hour', () => {
  const [early, late] = [new Date('2026-11-23T12:00:01Z'), new Date('2026-11-23T12:59:59Z')];
  const chosen = {
    ...noFilters,
    within: 'P30D',
    label: 'team=a=b',
    parent: 'key_1',
    tokenRule: 'rule_1',
    subject: ' 7',
  };
  expect(shownKeys(chosen, early)).toEqual({
    states: ['ACTIVE', 'HELD'],
    stopsBefore: '2026-12-23T13:00:00.000Z',
    labels: [{ name: 'team', value: 'a=b' }],
    parent: 'key_1',
    tokenRule: 'rule_1',
    subject: '7',
  });
  expect(shownKeys(chosen, late)).toEqual(shownKeys(chosen, early));
  expect(hiddenKeys(chosen, early)).toMatchObject({ states: ['EXPIRED', 'REVOKED'] });
  expect(hiddenKeys(withEnded(chosen), early)).toBeNull();
});

test('console filters: a key that was issued on the last day is chosen, whatever its hour', () => {
  const chosen = { ...noFilters, issuedFrom: '2026-11-24', issuedTo: '2026-11-24' };
  const { issuedAfter, issuedBefore } = shownKeys(chosen, new Date('2026-11-30T12:00:00Z'));
  expect(Date.parse(issuedBefore ?? '') - Date.parse(issuedAfter ?? '')).toBe(DAY_MS);
  expect(new Date(issuedAfter ?? '').getHours()).toBe(0);
});

test('console filters: secrets and tokens in a search are cut to what lists show', () => {
  for (const prefix of ['kt_', 'acme_live_', 'a_b_c_d_']) {
    const secret = newSecret(systemRandom, prefix);
    expect(cutSecrets(secret.reveal())).toBe(secret.start);
    expect(cutSecrets(`x "${secret.reveal()}"`)).toBe(`x "${secret.start}"`);
  }
  expect(cutSecrets('eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl')).toBe('');
  const id = 'key_01m844dzg0fz7bqk6mnpn1948b';
  for (const name of ['release workflow of acme/core', 'sinks_console_smoke_test', 'kt_Ab1', 'v2_2026', id]) {
    expect(cutSecrets(name)).toBe(name);
  }
});
