import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { DAY_MS, MINUTE_MS } from '../domain/duration.ts';
import { rateLimited } from '../domain/request-error.ts';
import { foldCase } from '../domain/text.ts';
import type { Clock } from '../store/clock.ts';
import { AttemptWindow } from './attempt-window.ts';
import { networkOf } from './network.ts';

/** Attempts in a window, for one node; documents list them. An IPv6 address counts with all of its /64 network. */
export const rateLimits = {
  signInByAddress: { limit: 30, windowMs: 5 * MINUTE_MS },
  signInByAccountAndAddress: { limit: 10, windowMs: 15 * MINUTE_MS },
  signInByAccount: { limit: 100, windowMs: 15 * MINUTE_MS },
  unknownKeyByAddress: { limit: 100, windowMs: MINUTE_MS },
  invitationByAddress: { limit: 30, windowMs: 5 * MINUTE_MS },
  exchangeByAddress: { limit: 300, windowMs: MINUTE_MS },
  exchangeByRule: { limit: 600, windowMs: MINUTE_MS },
  deviceByAddress: { limit: 30, windowMs: 5 * MINUTE_MS },
  userCodeByAddress: { limit: 30, windowMs: 15 * MINUTE_MS },
  userCodeByAccount: { limit: 10, windowMs: 15 * MINUTE_MS },
} as const;

/** How long, and for how many pairs, an address from which someone signed in is known to be theirs. */
const FAMILIAR_MS = 30 * DAY_MS;
const FAMILIAR_MAX = 10_000;

/**
 * How often one may guess. Each method answers nothing, or throws RATE_LIMITED with `retryAfter` in seconds. `weight` is
 * how many attempts a request makes, when it makes several.
 *
 * What is refused is not counted, so that a window ends however hard one knocks.
 */
export class RateLimits {
  readonly #clock: Clock;
  readonly #windows: { readonly [Name in keyof typeof rateLimits]: AttemptWindow };
  readonly #familiar = new LRUCache<string, number>({ max: FAMILIAR_MAX });

  constructor(clock: Clock) {
    const window = ({ limit, windowMs }: { limit: number; windowMs: number }) =>
      new AttemptWindow(clock, limit, windowMs);
    this.#clock = clock;
    this.#windows = {
      signInByAddress: window(rateLimits.signInByAddress),
      signInByAccountAndAddress: window(rateLimits.signInByAccountAndAddress),
      signInByAccount: window(rateLimits.signInByAccount),
      unknownKeyByAddress: window(rateLimits.unknownKeyByAddress),
      invitationByAddress: window(rateLimits.invitationByAddress),
      exchangeByAddress: window(rateLimits.exchangeByAddress),
      exchangeByRule: window(rateLimits.exchangeByRule),
      deviceByAddress: window(rateLimits.deviceByAddress),
      userCodeByAddress: window(rateLimits.userCodeByAddress),
      userCodeByAccount: window(rateLimits.userCodeByAccount),
    };
  }

  /**
   * An attempt to sign in, before its password is looked at: over the limit the right password is refused like a wrong
   * one. The email need not be anyone's.
   *
   * Guesses at one account from everywhere are limited as well, but not for an address from which its owner signed in
   * within 30 days: no stranger can lock people out of where they work.
   */
  attemptSignIn(email: string, address: string, weight = 1): void {
    const pair = pairOf(email, address);
    const { signInByAddress, signInByAccountAndAddress, signInByAccount } = this.#windows;
    const limits: [AttemptWindow, string][] = [
      [signInByAddress, networkOf(address)],
      [signInByAccountAndAddress, pair],
    ];
    if (!this.#isFamiliar(pair)) limits.push([signInByAccount, accountOf(email)]);
    countAttempt(limits, weight, 'Too many attempts to sign in.');
  }

  /** The password was right: the pair's earlier attempts are forgiven, and its address is familiar from now on. */
  recordSignIn(email: string, address: string): void {
    const pair = pairOf(email, address);
    this.#windows.signInByAccountAndAddress.forget(pair);
    this.#familiar.set(pair, this.#clock.now().getTime() + FAMILIAR_MS);
  }

  /**
   * A caller presented for itself what is no key's secret, by its shape or by a look-up. A secret that is a key's is never
   * refused by what others behind the same address have tried. Not for secrets that a verifier asks about: those are other
   * people's guesses.
   */
  countUnknownKey(address: string, weight = 1): void {
    const limit: [AttemptWindow, string] = [this.#windows.unknownKeyByAddress, networkOf(address)];
    countAttempt([limit], weight, 'Too many unknown keys were sent from this address.');
  }

  /** An attempt to accept an invitation, before its token is looked up. */
  attemptInvitation(address: string, weight = 1): void {
    countAttempt(
      [[this.#windows.invitationByAddress, networkOf(address)]],
      weight,
      'Too many attempts to accept an invitation.',
    );
  }

  /** An attempt to exchange a token, before it is looked at: many jobs may come from one address. */
  attemptExchange(address: string, weight = 1): void {
    countAttempt(
      [[this.#windows.exchangeByAddress, networkOf(address)]],
      weight,
      'Too many tokens were sent from this address.',
    );
  }

  /** A token that is good and that a rule is for, before a key is made: no stranger gets as far. */
  attemptExchangeByRule(ruleId: string): void {
    countAttempt([[this.#windows.exchangeByRule, ruleId]], 1, 'Too many keys are exchanged by this rule.');
  }

  /** A device asks to be signed in. */
  attemptDevice(address: string): void {
    const limit: [AttemptWindow, string] = [this.#windows.deviceByAddress, networkOf(address)];
    countAttempt([limit], 1, 'Too many devices have asked to be signed in from this address.');
  }

  /**
   * Somebody who is signed in looks for a device by its user code, before it is looked up. `found` takes the attempt back:
   * wrong codes alone are guesses, and a right one forgives none of them.
   */
  attemptUserCode(accountId: string, address: string): { found(): void } {
    const limits: [AttemptWindow, string][] = [
      [this.#windows.userCodeByAddress, networkOf(address)],
      [this.#windows.userCodeByAccount, accountId],
    ];
    countAttempt(limits, 1, 'Too many wrong codes.');
    return { found: () => limits.forEach(([window, subject]) => window.refund(subject)) };
  }

  #isFamiliar(pair: string): boolean {
    return (this.#familiar.get(pair) ?? 0) > this.#clock.now().getTime();
  }
}

/** Counts the attempt in all windows when it fits into all of them, else in none. */
function countAttempt(limits: readonly [AttemptWindow, string][], weight: number, message: string): void {
  const waitMs = Math.max(...limits.map(([window, subject]) => window.waitMs(subject, weight)));
  if (waitMs > 0) throw rateLimited(message, waitMs);
  for (const [window, subject] of limits) window.add(subject, weight);
}

function pairOf(email: string, address: string): string {
  return `${accountOf(email)} ${networkOf(address)}`;
}

/** Of one size whatever was sent, so that long texts fill no memory; the same however its letters are written. */
function accountOf(email: string): string {
  return hash('sha256', foldCase(email.trim()), 'base64url');
}
