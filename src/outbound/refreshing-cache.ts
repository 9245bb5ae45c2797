import { unavailable } from '../domain/request-error.ts';
import type { Clock } from '../store/clock.ts';

/** How an answer of somebody else is had and kept. Times are in milliseconds. */
export interface RefreshingCacheOptions<Answer> {
  /** What it is called in messages: "The keys of GitHub". */
  readonly name: string;
  readonly fetchValue: () => Promise<Answer>;
  /** How long it is taken for the newest, and how long it is used when no newer one can be had. */
  readonly maxAgeMs: number;
  readonly staleIfErrorMs: number;
  /** How long after it was asked it is asked again: when none could be had, and for what the last one did not have. */
  readonly failureCooldownMs: number;
  readonly missCooldownMs: number;
  /** Whether who seeks what no answer had is to come again until one is asked for that may have it; left out: it is not there. */
  readonly isMissUnavailable?: boolean;
  /** Whether an answer that is not fresh is given while a newer one is asked for; left out: it is waited for that one. */
  readonly staleWhileRevalidate?: boolean;
  readonly onFailure: (error: unknown) => void;
}

/**
 * An answer of somebody else, asked for when it is needed and kept. Who comes for what it has not, while it is asked for, waits for that one.
 */
export class RefreshingCache<Answer> {
  readonly #clock: Clock;
  readonly #keeping: RefreshingCacheOptions<Answer>;
  #known: { readonly answer: Answer; readonly atMs: number } | null = null;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> = Promise.resolve();

  constructor(clock: Clock, keeping: RefreshingCacheOptions<Answer>) {
    this.#clock = clock;
    this.#keeping = keeping;
  }

  /**
   * The answer, asked for again where it has not what is sought or is not fresh, but not too often. One that has it and is fresh is
   * given at once; one that is not, when no newer one can be had. Throws UNAVAILABLE when there is none, or it is to come again.
   */
  async find(hasSought: (answer: Answer) => boolean): Promise<Answer> {
    const { name, isMissUnavailable = false, staleWhileRevalidate = false } = this.#keeping;
    const before = this.#known;
    if (this.#isDue(hasSought)) {
      this.#askedAtMs = this.#nowMs();
      this.#asking = this.#ask();
    }
    const kept = this.#kept();
    if (kept !== null && hasSought(kept) && (staleWhileRevalidate || this.#isFresh())) return kept;
    await this.#asking;
    const found = this.#kept();
    if (found !== null && (hasSought(found) || !isMissUnavailable || this.#known !== before)) return found;
    throw unavailable(`${name} cannot be had right now.`, this.#askedAtMs + this.#waitMs() - this.#nowMs());
  }

  #isDue(hasSought: (answer: Answer) => boolean): boolean {
    const kept = this.#kept();
    if (this.#isFresh() && kept !== null && hasSought(kept)) return false;
    return this.#nowMs() - this.#askedAtMs >= this.#waitMs();
  }

  /** How long after it was asked it may be asked again. */
  #waitMs(): number {
    const { failureCooldownMs, missCooldownMs } = this.#keeping;
    return this.#isFresh() ? missCooldownMs : failureCooldownMs;
  }

  #isFresh(): boolean {
    return this.#known !== null && this.#nowMs() - this.#known.atMs < this.#keeping.maxAgeMs;
  }

  /** What may still be used. */
  #kept(): Answer | null {
    return this.#known !== null && this.#nowMs() - this.#known.atMs < this.#keeping.staleIfErrorMs
      ? this.#known.answer
      : null;
  }

  async #ask(): Promise<void> {
    try {
      this.#known = { answer: await this.#keeping.fetchValue(), atMs: this.#nowMs() };
    } catch (error) {
      this.#keeping.onFailure(error);
    }
  }

  #nowMs(): number {
    return this.#clock.now().getTime();
  }
}
