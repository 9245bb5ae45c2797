import { unavailable } from '../domain/request-error.ts';
import type { Clock } from '../store/clock.ts';

/** Options of a RefreshingCache. Times are in milliseconds. */
export interface RefreshingCacheOptions<Value> {
  /** Name of the value in messages, for example "The keys of GitHub". */
  readonly name: string;
  readonly fetchValue: () => Promise<Value>;
  /** How long a value is fresh, and how long it is used if no newer value can be fetched. Both count from its fetch. */
  readonly maxAgeMs: number;
  readonly staleIfErrorMs: number;
  /** Minimum delay between fetches without a fresh value, and after a fresh value lacked what was sought. */
  readonly failureCooldownMs: number;
  readonly missCooldownMs: number;
  /**
   * Whether a miss throws UNAVAILABLE unless a fetch has succeeded meanwhile. Default: the value that lacks what was
   * sought is returned.
   */
  readonly isMissUnavailable?: boolean;
  /** Whether a stale value is returned while a newer one is fetched. Default: callers wait for the newer one. */
  readonly staleWhileRevalidate?: boolean;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Caches a remote value, which is fetched on demand. A caller that misses while a fetch is in progress waits for that
 * fetch.
 */
export class RefreshingCache<Value> {
  readonly #clock: Clock;
  readonly #options: RefreshingCacheOptions<Value>;
  #cached: { readonly value: Value; readonly fetchedAtMs: number } | null = null;
  #lastFetchMs = Number.NEGATIVE_INFINITY;
  #currentFetch: Promise<void> = Promise.resolve();

  constructor(clock: Clock, options: RefreshingCacheOptions<Value>) {
    this.#clock = clock;
    this.#options = options;
  }

  /**
   * Returns the value. Fetches it again if it is stale or lacks what is sought, limited by the cooldowns. A fresh value
   * that has what is sought is returned at once; a stale value only if no newer value can be fetched, or with
   * `staleWhileRevalidate`. Throws UNAVAILABLE without a usable value, or on a miss with `isMissUnavailable`.
   */
  async find(isHit: (value: Value) => boolean): Promise<Value> {
    const { name, isMissUnavailable = false, staleWhileRevalidate = false } = this.#options;
    const previous = this.#cached;
    if (this.#isDue(isHit)) {
      this.#lastFetchMs = this.#nowMs();
      this.#currentFetch = this.#refresh();
    }
    const usable = this.#usableValue();
    if (usable !== null && isHit(usable) && (staleWhileRevalidate || this.#isFresh())) return usable;
    await this.#currentFetch;
    const value = this.#usableValue();
    if (value !== null && (isHit(value) || !isMissUnavailable || this.#cached !== previous)) return value;
    throw unavailable(`${name} are unavailable right now.`, this.#lastFetchMs + this.#cooldownMs() - this.#nowMs());
  }

  #isDue(isHit: (value: Value) => boolean): boolean {
    const usable = this.#usableValue();
    if (this.#isFresh() && usable !== null && isHit(usable)) return false;
    return this.#nowMs() - this.#lastFetchMs >= this.#cooldownMs();
  }

  /** Returns the cooldown after the last fetch. */
  #cooldownMs(): number {
    const { failureCooldownMs, missCooldownMs } = this.#options;
    return this.#isFresh() ? missCooldownMs : failureCooldownMs;
  }

  #isFresh(): boolean {
    return this.#cached !== null && this.#nowMs() - this.#cached.fetchedAtMs < this.#options.maxAgeMs;
  }

  /** Returns the value if it may still be used. */
  #usableValue(): Value | null {
    return this.#cached !== null && this.#nowMs() - this.#cached.fetchedAtMs < this.#options.staleIfErrorMs
      ? this.#cached.value
      : null;
  }

  async #refresh(): Promise<void> {
    try {
      this.#cached = { value: await this.#options.fetchValue(), fetchedAtMs: this.#nowMs() };
    } catch (error) {
      this.#options.onFailure(error);
    }
  }

  #nowMs(): number {
    return this.#clock.now().getTime();
  }
}
