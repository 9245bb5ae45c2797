import type { Cancel, Clock } from '../store/clock.ts';

interface Timer {
  readonly dueAt: number;
  readonly run: () => void;
  timeout: NodeJS.Timeout;
}

/** Maximum delay of setTimeout: 2^31 - 1. */
const TIMER_MAX_MS = 2_147_483_647;

/** A clock that runs as fast as every clock, and lets days pass when the story says so. For the demo's own gateway only. */
export class StoryClock implements Clock {
  #skippedMs = 0;
  readonly #startMs = Date.now() - performance.now();
  readonly #timers = new Set<Timer>();

  now(): Date {
    return new Date(this.#startMs + this.monotonicMs());
  }

  monotonicMs(): number {
    return performance.now() + this.#skippedMs;
  }

  after(ms: number, run: () => void): Cancel {
    const dueAt = this.monotonicMs() + ms;
    const timeout = setTimeout(() => this.#runDue(), Math.min(TIMER_MAX_MS, Math.ceil(ms))).unref();
    const timer: Timer = { dueAt, run, timeout };
    this.#timers.add(timer);
    return () => this.#remove(timer);
  }

  /** Lets time pass at once: what comes due on the way runs now, in its order. */
  advance(ms: number): void {
    this.#skippedMs += ms;
    this.#runDue();
  }

  #runDue(): void {
    const now = this.monotonicMs();
    const due = [...this.#timers].filter(({ dueAt }) => dueAt <= now).toSorted((a, b) => a.dueAt - b.dueAt);
    for (const timer of due) this.#remove(timer);
    for (const { run } of due) run();
  }

  #remove(timer: Timer): void {
    clearTimeout(timer.timeout);
    this.#timers.delete(timer);
  }
}
