import { expect, test } from 'vitest';
import { readRetryAfterHeader } from '../../src/client/retry-after.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { readRetryAfter } from '../../src/domain/retry.ts';

const now = new Date('2026-11-06T08:49:07Z');

test.each([
  ['30', 30_000],
  [' 30 ', 30_000],
  ['0', 0],
  ['999999999', DAY_MS],
  ['99999999999999999999999', DAY_MS],
  ['Fri, 06 Nov 2026 08:49:37 GMT', 30_000],
  ['Friday, 06-Nov-26 08:49:37 GMT', 30_000],
  ['Fri Nov  6 08:49:37 2026', 30_000],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 0],
  ['Sun Nov  6 08:49:37 1994', 0],
  ['Fri, 06 Nov 2076 08:49:37 GMT', DAY_MS],
  ['Friday, 06-Nov-76 08:49:37 GMT', DAY_MS],
  ['-1', null],
  ['1.5', null],
  ['soon', null],
  ['2026-11-06T08:49:37Z', null],
  ['Fri, 99 Nov 2026 08:49:37 GMT', null],
  ['', null],
])('retry-after: %j is %j ms, in the client and for webhooks', (header, expected) => {
  const headers = new Headers({ 'Retry-After': header, Date: now.toUTCString() });
  expect(readRetryAfterHeader({ headers })).toBe(expected);
  expect(readRetryAfter(header, now)).toBe(expected);
});

test('retry-after: a date counts from the Date of the response, or from now if that is missing', () => {
  const headers = new Headers({ 'Retry-After': 'Fri, 06 Nov 2026 08:49:37 GMT', Date: 'Fri Nov  6 08:49:17 2026' });
  expect(readRetryAfterHeader({ headers }, new Date(0))).toBe(20_000);
  headers.delete('Date');
  expect(readRetryAfterHeader({ headers }, now)).toBe(30_000);
  expect(readRetryAfterHeader({ headers: new Headers() })).toBeNull();
  expect(readRetryAfter(undefined, now)).toBeNull();
});
