import { argon2id, hash, verify } from 'argon2';
import { rateLimited } from '../domain/request-error.ts';
import type { Random } from '../store/random.ts';
import { isPasswordTooLong, normalizePassword } from './password-problem.ts';

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB (here in KiB), two passes, one lane. About 40 ms of one core. */
const cost = { type: argon2id, memoryCost: 19 * 1024, timeCost: 2, parallelism: 1, hashLength: 32 } as const;
/** In bytes; RFC 9106, section 3.1. */
const SALT_SIZE = 16;

/** How many hashes run at once: bounds memory to twice 19 MiB, and leaves cores to everything else. */
export const PASSWORD_HASHES_RUNNING_MAX = 2;
/** How many wait behind them; the last of them waits for less than a second. */
export const PASSWORD_HASHES_WAITING_MAX = 32;
const RETRY_AFTER_MS = 1000;

/**
 * What is verified for an email that nobody has, so that it costs and answers as a wrong password. Of the same cost as a
 * real one; its hash is a random number, not that of any password.
 */
const decoyHash = '$argon2id$v=19$m=19456,p=1,t=2$tXVjzs/FBQmttdP/5DdamQ$gvMsE6r+WpZsD5TCDPtBQqc+fpo2yJ8leCKhII/e39o';

/**
 * Hashes what people choose, slowly and a bounded number at a time. When 32 are already waiting, the next is refused at
 * once with RATE_LIMITED and `retryAfter`, so that a flood of sign-ins costs neither memory nor other requests' time.
 */
export class Passwords {
  readonly #random: Random;
  readonly #waiting: (() => void)[] = [];
  #runningCount = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** How many wait at this moment, from 0 to 32. */
  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** The hash to store, in PHC string format. The password has passed `passwordProblem`. */
  async hashPassword(password: string): Promise<string> {
    const salt = Buffer.from(this.#random(SALT_SIZE));
    return await this.#inTurn(() => hash(normalizePassword(password), { ...cost, salt }));
  }

  /**
   * Whether a password is the one that was hashed. Without a hash (no such account) the answer is false, after the same
   * work. A password that is too long to be one is refused without work, whoever's it is said to be.
   */
  async verifyPassword(stored: string | null, password: string): Promise<boolean> {
    if (isPasswordTooLong(password)) return false;
    const matches = await this.#inTurn(() => verify(stored ?? decoyHash, normalizePassword(password)));
    return matches && stored !== null;
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#runningCount < PASSWORD_HASHES_RUNNING_MAX) this.#runningCount += 1;
    else await this.#turn();
    try {
      return await work();
    } finally {
      // The place passes on to who waited longest; only when nobody does is it given back.
      const next = this.#waiting.shift();
      if (next === undefined) this.#runningCount -= 1;
      else next();
    }
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= PASSWORD_HASHES_WAITING_MAX) {
      throw rateLimited('Too many passwords are being checked at once.', RETRY_AFTER_MS);
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
