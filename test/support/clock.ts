import type { Cancel, Clock } from '../../src/store/clock.ts';

interface Timer {
  readonly dueAt: number;
  readonly run: () => void;
}

/** A clock that stands still until it is told to move. */
export class ManualClock implements Clock {
  #at: number;
  readonly #timers = new Set<Timer>();

  constructor(start: Date = new Date('2026-11-23T12:00:00.000Z')) {
    this.#at = start.getTime();
  }

  now(): Date {
    return new Date(this.#at);
  }

  after(ms: number, run: () => void): Cancel {
    const timer = { dueAt: this.#at + ms, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Moves on by that many milliseconds, with everything that comes due on the way. */
  advance(ms: number): void {
    this.travelTo(new Date(this.#at + ms));
  }

  /**
   * Moves on to an instant that is not past. What comes due on the way runs in order of its moment (what was scheduled first,
   * first), each finds the clock at that moment, and what they schedule runs too if it comes due. Nothing is awaited.
   */
  travelTo(instant: Date): void {
    const to = instant.getTime();
    if (!(to >= this.#at)) throw new RangeError(`${instant.toJSON()} is before ${this.now().toJSON()}`);
    for (let next = this.#nextDue(to); next !== undefined; next = this.#nextDue(to)) {
      this.#timers.delete(next);
      this.#at = Math.max(this.#at, next.dueAt);
      next.run();
    }
    this.#at = to;
  }

  #nextDue(to: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueAt <= to && (first === undefined || timer.dueAt < first.dueAt)) first = timer;
    }
    return first;
  }
}
