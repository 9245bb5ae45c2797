import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { DAY_MS, MINUTE_MS } from '../domain/duration.ts';
import { rateLimited } from '../domain/request-error.ts';
import { foldCase } from '../domain/fold-case.ts';
import type { Clock } from '../store/clock.ts';
import { AttemptWindow } from './attempt-window.ts';
import { networkOf } from './network.ts';

/** Attempts per window, for one node; listed in the documentation. An IPv6 address counts as its /64 network. */
export const rateLimits = {
  signInByAddress: { limit: 30, windowMs: 5 * MINUTE_MS },
  signInByAccountAndAddress: { limit: 10, windowMs: 15 * MINUTE_MS },
  signInByAccount: { limit: 100, windowMs: 15 * MINUTE_MS },
  unknownKeyByAddress: { limit: 100, windowMs: MINUTE_MS },
  invitationByAddress: { limit: 30, windowMs: 5 * MINUTE_MS },
  exchangeByAddress: { limit: 300, windowMs: MINUTE_MS },
  exchangeByRule: { limit: 600, windowMs: MINUTE_MS },
  signingByKey: { limit: 60, windowMs: MINUTE_MS },
  deviceByAddress: { limit: 30, windowMs: 5 * MINUTE_MS },
  userCodeByAddress: { limit: 30, windowMs: 15 * MINUTE_MS },
  userCodeByAccount: { limit: 10, windowMs: 15 * MINUTE_MS },
  portalBySubject: { limit: 300, windowMs: MINUTE_MS },
  unknownPortalByAddress: { limit: 100, windowMs: MINUTE_MS },
  portalCodeByAddress: { limit: 60, windowMs: 5 * MINUTE_MS },
} as const;

/** How long, and for how many pairs, an account's address is remembered as familiar after a sign-in. */
const FAMILIAR_MS = 30 * DAY_MS;
const FAMILIAR_MAX = 10_000;

/**
 * Limits guesses. A method throws RATE_LIMITED with `retryAfter` in seconds if its limit is exceeded. `weight` is the
 * number of attempts in a request that makes several.
 *
 * An attempt that one limit refuses is counted in no window: it does not use up the other limits. Windows are fixed, so
 * retrying does not prolong them.
 */
export class RateLimits {
  readonly #clock: Clock;
  readonly #windows: { readonly [Name in keyof typeof rateLimits]: AttemptWindow };
  readonly #familiar = new LRUCache<string, number>({ maxSize: FAMILIAR_MAX, sizeCalculation: () => 1 });

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
      signingByKey: window(rateLimits.signingByKey),
      deviceByAddress: window(rateLimits.deviceByAddress),
      userCodeByAddress: window(rateLimits.userCodeByAddress),
      userCodeByAccount: window(rateLimits.userCodeByAccount),
      portalBySubject: window(rateLimits.portalBySubject),
      unknownPortalByAddress: window(rateLimits.unknownPortalByAddress),
      portalCodeByAddress: window(rateLimits.portalCodeByAddress),
    };
  }

  /**
   * Counts an attempt to sign in, before the password is checked: over the limit the right password is refused like a
   * wrong one. The email need not belong to an account.
   *
   * Guesses at one account from all addresses are limited as well, except from an address from which its owner signed
   * in within 30 days: so strangers cannot lock people out where they work.
   */
  attemptSignIn(email: string, address: string, weight = 1): void {
    const pair = pairOf(email, address);
    const { signInByAddress, signInByAccountAndAddress, signInByAccount } = this.#windows;
    const windows: [AttemptWindow, string][] = [
      [signInByAddress, networkOf(address)],
      [signInByAccountAndAddress, pair],
    ];
    if (!this.#isFamiliar(pair)) windows.push([signInByAccount, accountOf(email)]);
    countAttempt(windows, weight, 'Too many attempts to sign in.');
  }

  /** Records a sign-in: clears the earlier attempts of the email and address, and remembers the address as familiar. */
  recordSignIn(email: string, address: string): void {
    const pair = pairOf(email, address);
    this.#windows.signInByAccountAndAddress.forget(pair);
    this.#familiar.set(pair, this.#clock.now().getTime() + FAMILIAR_MS);
  }

  /**
   * Counts a credential in the form of a key's secret that is malformed or unknown. A valid secret is never refused
   * because of what others behind the same address have tried. Not for secrets that a verifier checks: those are
   * guesses of its callers.
   */
  countUnknownKey(address: string, weight = 1): void {
    const limit: [AttemptWindow, string] = [this.#windows.unknownKeyByAddress, networkOf(address)];
    countAttempt([limit], weight, 'Too many unknown keys were sent from this address.');
  }

  /** Counts an attempt to accept an invitation, before its token is looked up. `found` uncounts it: like `attemptUserCode`. */
  attemptInvitation(address: string): CountedAttempt {
    const limit: [AttemptWindow, string] = [this.#windows.invitationByAddress, networkOf(address)];
    return countAttempt([limit], 1, 'Too many attempts to accept an invitation.');
  }

  /**
   * Counts an attempt to exchange a token, before it is checked. The limit is high, as many jobs may share an address.
   */
  attemptExchange(address: string, weight = 1): void {
    countAttempt(
      [[this.#windows.exchangeByAddress, networkOf(address)]],
      weight,
      'Too many tokens were sent from this address.',
    );
  }

  /** Counts a valid token that matches a rule, before a key is issued. Strangers never get this far. */
  attemptExchangeByRule(ruleId: string): void {
    countAttempt([[this.#windows.exchangeByRule, ruleId]], 1, 'Too many tokens are exchanged for keys by this rule.');
  }

  /** Counts a signed token that a good key requests. */
  attemptSigning(keyId: string): void {
    countAttempt([[this.#windows.signingByKey, keyId]], 1, 'Too many signed tokens were requested with this key.');
  }

  /** Counts a device's request to be signed in. */
  attemptDevice(address: string): void {
    const limit: [AttemptWindow, string] = [this.#windows.deviceByAddress, networkOf(address)];
    countAttempt([limit], 1, 'Too many devices have asked to be signed in from this address.');
  }

  /**
   * Counts a signed-in account's attempt to find a device by its user code, before it is looked up. `found` uncounts
   * this attempt: only wrong codes are guesses, and a right code clears none of them.
   */
  attemptUserCode(accountId: string, address: string): CountedAttempt {
    const windows: [AttemptWindow, string][] = [
      [this.#windows.userCodeByAddress, networkOf(address)],
      [this.#windows.userCodeByAccount, accountId],
    ];
    return countAttempt(windows, 1, 'Too many wrong codes.');
  }

  /** Counts a request, or an operation on a socket, of the portal sessions of a subject. */
  attemptPortalRequest(subjectId: string): void {
    const limit: [AttemptWindow, string] = [this.#windows.portalBySubject, subjectId];
    countAttempt([limit], 1, 'Too many requests of the portal sessions of this customer.');
  }

  /**
   * Counts a token in the form of a portal session's that is malformed or unknown. Like `countUnknownKey`: a session is
   * never refused because of what others behind the same address have tried.
   */
  countUnknownPortalToken(address: string): void {
    const limit: [AttemptWindow, string] = [this.#windows.unknownPortalByAddress, networkOf(address)];
    countAttempt([limit], 1, 'Too many unknown portal sessions were sent from this address.');
  }

  /** Counts a code of a portal session that is malformed, unknown or over. Like `countUnknownKey`. */
  countUnknownPortalCode(address: string): void {
    const limit: [AttemptWindow, string] = [this.#windows.portalCodeByAddress, networkOf(address)];
    countAttempt([limit], 1, 'Too many unknown codes were sent from this address.');
  }

  #isFamiliar(pair: string): boolean {
    return (this.#familiar.get(pair) ?? 0) > this.#clock.now().getTime();
  }
}

/** An attempt that was counted. */
export interface CountedAttempt {
  /** Uncounts the attempt: it was not a guess. */
  found(): void;
}

/** Counts an attempt in all windows if it fits into all of them; otherwise throws and counts it in none. */
function countAttempt(windows: readonly [AttemptWindow, string][], weight: number, message: string): CountedAttempt {
  const waitMs = Math.max(...windows.map(([window, subject]) => window.waitMs(subject, weight)));
  if (waitMs > 0) throw rateLimited(message, waitMs);
  for (const [window, subject] of windows) window.add(subject, weight);
  return { found: () => windows.forEach(([window, subject]) => window.refund(subject, weight)) };
}

function pairOf(email: string, address: string): string {
  return `${accountOf(email)} ${networkOf(address)}`;
}

/** Returns a fixed-size subject for an email, independent of case: long texts must not fill the memory. */
function accountOf(email: string): string {
  return hash('sha256', foldCase(email.trim()), 'base64url');
}
