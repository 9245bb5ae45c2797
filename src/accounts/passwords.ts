import { argon2id, hash, verify } from 'argon2';
import { rateLimited } from '../domain/request-error.ts';
import type { Random } from '../store/random.ts';
import { isPasswordTooLong, normalizePassword } from './password-problem.ts';
import { Sensitive } from '../domain/sensitive.ts';

/**
 * OWASP Password Storage Cheat Sheet: argon2id with 19 MiB (here in KiB), two passes, one lane. About 40 ms of one
 * core.
 */
const cost = { type: argon2id, memoryCost: 19 * 1024, timeCost: 2, parallelism: 1, hashLength: 32 } as const;
/** In bytes; RFC 9106, section 3.1. */
const SALT_SIZE = 16;

/** Maximum number of concurrent hashes: limits memory to twice 19 MiB, and leaves cores for other work. */
export const PASSWORD_HASHES_RUNNING_MAX = 2;
/** Maximum number of waiting hashes; the last one waits for less than a second. */
export const PASSWORD_HASHES_WAITING_MAX = 32;
const RETRY_AFTER_MS = 1000;

/**
 * The hash that is verified for an unknown email, so that timing and response are those of a wrong password. It has the
 * same cost as a real hash; its value is random and matches no password.
 */
const decoyHash = '$argon2id$v=19$m=19456,p=1,t=2$tXVjzs/FBQmttdP/5DdamQ$gvMsE6r+WpZsD5TCDPtBQqc+fpo2yJ8leCKhII/e39o';

/**
 * Hashes passwords slowly, with limited concurrency. If 32 hashes are already waiting, the next is refused at once with
 * RATE_LIMITED and `retryAfter`, so that a flood of sign-ins costs neither memory nor the time of other requests.
 */
export class Passwords {
  readonly #random: Random;
  readonly #waiting: (() => void)[] = [];
  #runningCount = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The number of waiting hashes, from 0 to 32. */
  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Returns the hash to store, in PHC string format. The password must have passed `passwordProblem`. */
  async hashPassword(password: string): Promise<string> {
    const salt = Buffer.from(this.#random(SALT_SIZE));
    return await this.#runLimited(() => hash(normalizePassword(password), { ...cost, salt }));
  }

  /**
   * Returns whether a password matches a hash. Without a hash (no such account) it returns false after the same work. A
   * password over the maximum length is refused without work, whatever the account.
   */
  async verifyPassword(stored: string | null, password: string): Promise<boolean> {
    if (isPasswordTooLong(password)) return false;
    const isMatch = await this.#runLimited(() => verify(stored ?? decoyHash, normalizePassword(password)));
    return isMatch && stored !== null;
  }

  async #runLimited<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#runningCount < PASSWORD_HASHES_RUNNING_MAX) this.#runningCount += 1;
    else await this.#waitForSlot();
    try {
      return await task();
    } finally {
      // Passes the slot to the longest waiting hash; frees it only if none waits.
      const next = this.#waiting.shift();
      if (next === undefined) this.#runningCount -= 1;
      else next();
    }
  }

  #waitForSlot(): Promise<void> {
    if (this.#waiting.length >= PASSWORD_HASHES_WAITING_MAX) {
      throw rateLimited('Too many passwords are being checked at once.', RETRY_AFTER_MS);
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}

/** Generates a password of 144 random bits, for people to copy once and then change. */
export function generatePassword(random: Random): Sensitive<string> {
  return new Sensitive(Buffer.from(random(18)).toString('base64url'));
}
