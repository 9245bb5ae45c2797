import { LRUCache } from 'lru-cache';
import type { Clock } from '../store/clock.ts';

/** Maximum number of subjects in a window, about 10 MB: an attacker with many names must not fill the memory. */
const SUBJECTS_MAX = 50_000;

/**
 * Counts the attempts of a subject (an address, an email) in fixed windows: `limit` attempts, then none until
 * `windowMs` after the first. In memory, for one node. If there are too many subjects, the least recently used are
 * dropped.
 */
export class AttemptWindow {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #windowMs: number;
  // By size, because lru-cache reserves the memory for `max` entries at once.
  readonly #counts = new LRUCache<string, { count: number; readonly endsAt: number }>({
    maxSize: SUBJECTS_MAX,
    sizeCalculation: () => 1,
  });

  constructor(clock: Clock, limit: number, windowMs: number) {
    this.#clock = clock;
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /** Returns the time in ms until `weight` attempts fit; 0 if they fit now. Counts nothing. */
  waitMs(subject: string, weight: number): number {
    const now = this.#clock.now().getTime();
    const entry = this.#counts.get(subject);
    if (entry === undefined || entry.endsAt <= now) return weight <= this.#limit ? 0 : this.#windowMs;
    return entry.count + weight <= this.#limit ? 0 : entry.endsAt - now;
  }

  /** Counts attempts, even beyond the limit. */
  add(subject: string, weight: number): void {
    const now = this.#clock.now().getTime();
    const entry = this.#counts.get(subject);
    if (entry === undefined || entry.endsAt <= now) {
      this.#counts.set(subject, { count: weight, endsAt: now + this.#windowMs });
    } else {
      entry.count += weight;
    }
  }

  /** Uncounts attempts. */
  refund(subject: string, weight: number): void {
    const entry = this.#counts.get(subject);
    if (entry !== undefined) entry.count = Math.max(0, entry.count - weight);
  }

  forget(subject: string): void {
    this.#counts.delete(subject);
  }
}
