import { unavailable } from '../domain/request-error.ts';
import type { Clock } from '../store/clock.ts';

/** How an answer of somebody else is had and kept. Times are in milliseconds. */
export interface Keeping<Answer> {
  /** What it is called in messages: "The keys of GitHub". */
  readonly name: string;
  readonly ask: () => Promise<Answer>;
  /** How long it is taken for the newest, and how long it is used when no newer one can be had. */
  readonly freshMs: number;
  readonly keptMs: number;
  /** How long after it was asked it is asked again: when none could be had, and for what the last one did not have. */
  readonly retryMs: number;
  readonly unknownMs: number;
  /** Whether who seeks what no answer had is to come again until one is asked for that may have it; left out: it is not there. */
  readonly isUnknownLater?: boolean;
  /** Whether an answer that is not fresh is given while a newer one is asked for; left out: it is waited for that one. */
  readonly isOldGivenAtOnce?: boolean;
  readonly onFailure: (error: unknown) => void;
}

/**
 * An answer of somebody else, asked for when it is needed and kept. Who comes for what it has not, while it is asked for, waits for that one.
 */
export class KeptAnswer<Answer> {
  readonly #clock: Clock;
  readonly #keeping: Keeping<Answer>;
  #known: { readonly answer: Answer; readonly atMs: number } | null = null;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> = Promise.resolve();

  constructor(clock: Clock, keeping: Keeping<Answer>) {
    this.#clock = clock;
    this.#keeping = keeping;
  }

  /**
   * The answer, asked for again where it has not what is sought or is not fresh, but not too often. One that has it and is fresh is
   * given at once; one that is not, when no newer one can be had. Throws UNAVAILABLE when there is none, or it is to come again.
   */
  async find(hasSought: (answer: Answer) => boolean): Promise<Answer> {
    const { name, isUnknownLater = false, isOldGivenAtOnce = false } = this.#keeping;
    const before = this.#known;
    if (this.#isDue(hasSought)) {
      this.#askedAtMs = this.#nowMs();
      this.#asking = this.#ask();
    }
    const kept = this.#kept();
    if (kept !== null && hasSought(kept) && (isOldGivenAtOnce || this.#isFresh())) return kept;
    await this.#asking;
    const found = this.#kept();
    if (found !== null && (hasSought(found) || !isUnknownLater || this.#known !== before)) return found;
    throw unavailable(`${name} cannot be had right now.`, this.#askedAtMs + this.#waitMs() - this.#nowMs());
  }

  #isDue(hasSought: (answer: Answer) => boolean): boolean {
    const kept = this.#kept();
    if (this.#isFresh() && kept !== null && hasSought(kept)) return false;
    return this.#nowMs() - this.#askedAtMs >= this.#waitMs();
  }

  /** How long after it was asked it may be asked again. */
  #waitMs(): number {
    const { retryMs, unknownMs } = this.#keeping;
    return this.#isFresh() ? unknownMs : retryMs;
  }

  #isFresh(): boolean {
    return this.#known !== null && this.#nowMs() - this.#known.atMs < this.#keeping.freshMs;
  }

  /** What may still be used. */
  #kept(): Answer | null {
    return this.#known !== null && this.#nowMs() - this.#known.atMs < this.#keeping.keptMs ? this.#known.answer : null;
  }

  async #ask(): Promise<void> {
    try {
      this.#known = { answer: await this.#keeping.ask(), atMs: this.#nowMs() };
    } catch (error) {
      this.#keeping.onFailure(error);
    }
  }

  #nowMs(): number {
    return this.#clock.now().getTime();
  }
}
