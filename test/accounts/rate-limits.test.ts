import { beforeEach, expect, test } from 'vitest';
import { RateLimits } from '../../src/accounts/rate-limits.ts';
import { RequestError } from '../../src/domain/request-error.ts';
import { ManualClock } from '../support/clock.ts';

const ada = 'ada@example.org';
const minuteMs = 60_000;

let clock: ManualClock;
let limits: RateLimits;

beforeEach(() => {
  clock = new ManualClock();
  limits = new RateLimits(clock);
});

function presentUnknownKey(): void {
  limits.countUnknownKey('192.0.2.1');
}

/** Others who sign in, each from a network of their own, so that none is refused. */
function signInOthers(from: number, to: number): void {
  for (let index = from; index < to; index += 1) {
    const network = `${(index >> 12).toString(16)}:${(index & 4095).toString(16)}`;
    limits.attemptSignIn(`${index}@example.org`, `2001:db8:${network}::1`);
  }
}

/** How many of that many attempts pass, and when the first that does not may come back, in seconds. */
function knock(count: number, attempt: (index: number) => void): { passed: number; retryAfter: unknown } {
  for (let index = 0; index < count; index += 1) {
    try {
      attempt(index);
    } catch (error) {
      if (!(error instanceof RequestError) || error.code !== 'RATE_LIMITED') throw error;
      return { passed: index, retryAfter: error.details['retryAfter'] };
    }
  }
  return { passed: count, retryAfter: null };
}

test('rate limits: an address may try to sign in 30 times in 5 minutes, whatever the emails', () => {
  const spray = () => knock(40, (index) => limits.attemptSignIn(`person${index}@example.org`, '192.0.2.1'));
  expect(spray()).toEqual({ passed: 30, retryAfter: 300 });
  expect(knock(1, () => limits.attemptSignIn(ada, '192.0.2.2')).passed).toBe(1);
  clock.advance(5 * minuteMs - 1);
  expect(spray()).toEqual({ passed: 0, retryAfter: 1 });
  clock.advance(1);
  expect(spray()).toEqual({ passed: 30, retryAfter: 300 });
});

test('rate limits: an account may be tried 10 times in 15 minutes from an address, whatever the case of its email', () => {
  const spellings = [ada, 'ADA@example.org', ' Ada@Example.Org '];
  expect(knock(20, (index) => limits.attemptSignIn(spellings[index % 3]!, '192.0.2.1'))).toEqual({
    passed: 10,
    retryAfter: 900,
  });
  expect(knock(1, () => limits.attemptSignIn('bob@example.org', '192.0.2.1')).passed).toBe(1);
});

test('rate limits: refused attempts do not prolong the window', () => {
  knock(10, () => limits.attemptSignIn(ada, '192.0.2.1'));
  for (let minute = 0; minute < 15; minute += 1) {
    expect(knock(1, () => limits.attemptSignIn(ada, '192.0.2.1')).passed).toBe(0);
    clock.advance(minuteMs);
  }
  expect(knock(20, () => limits.attemptSignIn(ada, '192.0.2.1')).passed).toBe(10);
});

test('rate limits: an account may be tried 100 times in 15 minutes from everywhere, except from its owner’s familiar address', () => {
  limits.attemptSignIn(ada, '198.51.100.7');
  limits.recordSignIn(ada, '198.51.100.7');
  // 99 are left of the account's 100.
  const guess = (index: number) => limits.attemptSignIn(ada, `192.0.2.${index % 250}`);
  expect(knock(200, guess)).toEqual({ passed: 99, retryAfter: 900 });
  expect(knock(1, () => limits.attemptSignIn(ada, '203.0.113.5')).passed).toBe(0);
  expect(knock(1, () => limits.attemptSignIn(ada, '198.51.100.7')).passed).toBe(1);
  // Familiar for 30 days, and no longer.
  clock.advance(30 * 24 * 60 * minuteMs);
  knock(200, guess);
  expect(knock(1, () => limits.attemptSignIn(ada, '198.51.100.7')).passed).toBe(0);
});

test('rate limits: a sign-in clears earlier attempts of the email and address, not those of the address', () => {
  knock(9, () => limits.attemptSignIn(ada, '192.0.2.1'));
  limits.attemptSignIn(ada, '192.0.2.1');
  limits.recordSignIn(ada, '192.0.2.1');
  expect(knock(40, () => limits.attemptSignIn(ada, '192.0.2.1')).passed).toBe(10);
  limits.recordSignIn(ada, '192.0.2.1');
  expect(knock(40, () => limits.attemptSignIn(ada, '192.0.2.1')).passed).toBe(10);
  limits.recordSignIn(ada, '192.0.2.1');
  expect(knock(1, () => limits.attemptSignIn(ada, '192.0.2.1')).passed).toBe(0);
});

test('rate limits: a request that makes several attempts counts as several, and as none when they do not all fit', () => {
  limits.attemptSignIn(ada, '192.0.2.1', 8);
  expect(knock(1, () => limits.attemptSignIn(ada, '192.0.2.1', 3)).passed).toBe(0);
  expect(knock(1, () => limits.attemptSignIn(ada, '192.0.2.1', 2)).passed).toBe(1);
  expect(knock(1, () => limits.attemptSignIn(ada, '192.0.2.1')).passed).toBe(0);
  expect(knock(1, () => limits.attemptSignIn('bob@example.org', '192.0.2.1', 11)).passed).toBe(0);
});

test('rate limits: an IPv6 address counts as its /64 network, in every notation', () => {
  const spellings = ['2001:db8::1', '2001:db8:0:0:ffff::2', '2001:DB8:0000::3:4', '2001:db8::'];
  expect(knock(40, (index) => limits.attemptInvitation(spellings[index % 4]!)).passed).toBe(30);
  expect(knock(1, () => limits.attemptInvitation('2001:db8:0:1::1')).passed).toBe(1);
  expect(knock(1, () => limits.attemptInvitation('::1')).passed).toBe(1);
});

test('rate limits: an address that sent 100 unknown keys in a minute waits for its end', () => {
  expect(knock(200, presentUnknownKey)).toEqual({ passed: 100, retryAfter: 60 });
  expect(knock(1, () => limits.countUnknownKey('192.0.2.2')).passed).toBe(1);
  clock.advance(minuteMs);
  expect(knock(200, presentUnknownKey).passed).toBe(100);
});

test('rate limits: 50,000 subjects are remembered and no more, so that many names fill no memory', () => {
  knock(10, () => limits.attemptSignIn(ada, '192.0.2.1'));
  signInOthers(0, 49_999);
  expect(knock(1, () => limits.attemptSignIn(ada, '192.0.2.1')).passed).toBe(0);
  signInOthers(50_000, 100_000);
  expect(knock(1, () => limits.attemptSignIn(ada, '192.0.2.1')).passed).toBe(1);
});
