import {
  type ClockEstimate,
  estimateOffset,
  type ClockReading,
  refineEstimate,
  uncertaintyAt,
} from './clock-estimate.ts';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';

const MEASURE_INTERVAL_MS = 10_000;
/** Number of readings at start: the first ones wait for a connection and for query plans, and the fastest counts. */
const FIRST_READING_COUNT = 3;
const WARN_ABOVE_MS = 2_000;
const TRUST_LIMIT_MS = 30_000;
/** Maximum delay of setTimeout: 2^31 - 1. */
const TIMER_MAX_MS = 2_147_483_647;

/**
 * A clock that shows the database's time, which all nodes share; the node's wall clock does not matter. It adds an
 * offset, measured every 10 s, to the monotonic clock. It never goes backwards: when the offset falls, the clock stands
 * still until the database's time catches up.
 */
export interface DatabaseClock extends Clock {
  /** Returns the maximum difference between `now` and the database's time, in ms. */
  uncertaintyMs(): number;
  /**
   * Returns whether the uncertainty is at most 30 s. A node whose clock is not trusted is not ready and reviews
   * nothing.
   */
  isTrusted(): boolean;
  /** Measures now. Never rejects: while the database does not respond, the uncertainty grows. */
  measure(): Promise<void>;
  /** Stops measuring. What was scheduled with `after` stays scheduled. */
  stop(): void;
}

export interface DatabaseClockOptions {
  /** Reads the database's time, in ms since 1970. */
  readonly readDatabaseTime: () => Promise<number>;
  readonly log: Logger;
  /** Monotonic time in ms. Default: performance.now, which is CLOCK_MONOTONIC. */
  readonly monotonic?: () => number;
}

/** Takes the first measurements and returns the clock. Rejects if the database does not respond. */
export async function startDatabaseClock({
  readDatabaseTime,
  log,
  monotonic = () => performance.now(),
}: DatabaseClockOptions): Promise<DatabaseClock> {
  let estimate: ClockEstimate = estimateOffset(await read());
  let shownAt = 0;
  let hasWarned = false;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  async function read(): Promise<ClockReading> {
    const sentAt = monotonic();
    const databaseAt = await readDatabaseTime();
    return { sentAt, receivedAt: monotonic(), databaseAt };
  }

  async function measure(): Promise<void> {
    try {
      const before = estimate;
      const refined = refineEstimate(before, await read());
      estimate = refined.estimate;
      if (refined.hasJumped) log.warn(`database clock jumped by ${Math.round(estimate.offsetMs - before.offsetMs)} ms`);
    } catch (error) {
      log.warn(`database clock read failed: ${error instanceof Error ? error.message : String(error)}`);
    }
    const isUncertain = uncertaintyMs() > WARN_ABOVE_MS;
    if (isUncertain && !hasWarned) log.warn(`database clock uncertain by ${Math.round(uncertaintyMs())} ms`);
    hasWarned = isUncertain;
  }

  async function measureRepeatedly(): Promise<void> {
    await measure();
    if (!isStopped) timer = setTimeout(() => void measureRepeatedly(), MEASURE_INTERVAL_MS).unref();
  }

  function now(): Date {
    shownAt = Math.max(shownAt, monotonic() + estimate.offsetMs);
    return new Date(shownAt);
  }

  function uncertaintyMs(): number {
    const at = monotonic();
    const aheadMs = Math.max(0, shownAt - (at + estimate.offsetMs));
    return uncertaintyAt(estimate, at) + aheadMs;
  }

  for (let count = 2; count < FIRST_READING_COUNT; count += 1) await measure();
  await measureRepeatedly();
  return {
    now,
    monotonicMs: monotonic,
    after: (ms, run) => scheduleAfter(ms, run, monotonic),
    uncertaintyMs,
    isTrusted: () => uncertaintyMs() <= TRUST_LIMIT_MS,
    measure,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

/** Schedules a function. A timer may fire early and takes at most 24 days, so the remaining time is scheduled again. */
function scheduleAfter(ms: number, run: () => void, monotonic: () => number): () => void {
  const dueAt = monotonic() + ms;
  let timer: NodeJS.Timeout;
  const wait = () => {
    const remainingMs = Math.ceil(dueAt - monotonic());
    timer = setTimeout(() => (monotonic() < dueAt ? wait() : run()), Math.min(Math.max(remainingMs, 0), TIMER_MAX_MS));
    timer.unref();
  };
  wait();
  return () => clearTimeout(timer);
}
