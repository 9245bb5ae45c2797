import type { IncomingMessage } from 'node:http';
import { redact } from '../logging/redact.ts';
import type { Random } from '../store/random.ts';

/** A request id has 96 random bits. */
const ID_BYTES = 12;
const ID_LENGTH = 16;

/** How many ids one reading of randomness makes: a small reading costs as much as a large one. */
const POOL_IDS = 256;

/** Makes request ids from a pool of random bytes. */
export class RequestIds {
  readonly #random: Random;
  #pool = '';
  #next = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Returns a new id: 16 characters of base64url. */
  create(): string {
    if (this.#next === this.#pool.length) {
      this.#pool = Buffer.from(this.#random(POOL_IDS * ID_BYTES)).toString('base64url');
      this.#next = 0;
    }
    const start = this.#next;
    this.#next += ID_LENGTH;
    return this.#pool.slice(start, this.#next);
  }

  /**
   * Returns the caller's X-Request-Id if it is safe in logs and headers and does not look like a secret; else a new id.
   */
  of(request: Pick<IncomingMessage, 'headers'>): string {
    const given = request.headers['x-request-id'];
    const isSafe = typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) && redact(given) === given;
    return isSafe ? given : this.create();
  }
}
