import { LRUCache } from 'lru-cache';
import type { Clock } from '../store/clock.ts';

/** How many subjects one window remembers, so that an attacker with many names fills no memory: some 10 MB at most. */
const SUBJECTS_MAX = 50_000;

/**
 * Counts attempts of a subject (an address, an email) in fixed windows: `limit` attempts, then none until `windowMs`
 * after the first of them. In memory, for one node. Of too many subjects, those not seen for longest are forgotten.
 */
export class AttemptWindow {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #counts = new LRUCache<string, { count: number; readonly endsAt: number }>({ max: SUBJECTS_MAX });

  constructor(clock: Clock, limit: number, windowMs: number) {
    this.#clock = clock;
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /** How long until that many attempts fit, in ms; 0: they fit now. Counts nothing. */
  waitMs(subject: string, weight: number): number {
    const now = this.#clock.now().getTime();
    const entry = this.#counts.get(subject);
    if (entry === undefined || entry.endsAt <= now) return weight <= this.#limit ? 0 : this.#windowMs;
    return entry.count + weight <= this.#limit ? 0 : entry.endsAt - now;
  }

  /** Counts attempts, whether they fit or not. */
  add(subject: string, weight: number): void {
    const now = this.#clock.now().getTime();
    const entry = this.#counts.get(subject);
    if (entry === undefined || entry.endsAt <= now) {
      this.#counts.set(subject, { count: weight, endsAt: now + this.#windowMs });
    } else {
      entry.count += weight;
    }
  }

  /** Takes one attempt back that was counted. */
  refund(subject: string): void {
    const entry = this.#counts.get(subject);
    if (entry !== undefined && entry.count > 0) entry.count -= 1;
  }

  forget(subject: string): void {
    this.#counts.delete(subject);
  }
}
