import {
  type ClockEstimate,
  estimateOffset,
  type ClockReading,
  refineEstimate,
  uncertaintyAt,
} from './clock-estimate.ts';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';

const MEASURE_EVERY_MS = 10_000;
/** The first answers wait for a connection and for plans; the quickest of so many counts. */
const FIRST_READINGS = 3;
const WARN_ABOVE_MS = 2_000;
const TRUST_LIMIT_MS = 30_000;
/** The longest that setTimeout takes: 2^31 - 1. */
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * The database's time, which all nodes share: the node's own wall clock does not matter. An offset that is measured every
 * 10 s, on top of the monotonic clock. It never goes backwards: when the offset falls it stands still until the time
 * that it has shown comes again.
 */
export interface DatabaseClock extends Clock {
  /** How far `now` may be from the database's time at present, in milliseconds. */
  uncertaintyMs(): number;
  /** Whether that is 30 s at most. A node that is less sure is not ready and reviews nothing. */
  isTrusted(): boolean;
  /** Measures at once. Never rejects: when the database does not answer, uncertainty grows. */
  measure(): Promise<void>;
  /** Measures no more. What was scheduled by `after` stays. */
  stop(): void;
}

export interface DatabaseClockOptions {
  /** The database's time, in milliseconds since 1970. */
  readonly readDatabaseTime: () => Promise<number>;
  readonly log: Logger;
  /** Milliseconds that only grow, evenly. Default: performance.now, which is CLOCK_MONOTONIC. */
  readonly monotonic?: () => number;
}

/** Measures, and comes back with the clock. Rejects when the database does not answer. */
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
      if (refined.hasJumped) log.warn(`Time jumped by ${Math.round(estimate.offsetMs - before.offsetMs)} ms`);
    } catch (error) {
      log.warn(`The database's time could not be read: ${error instanceof Error ? error.message : String(error)}`);
    }
    const isUnsure = uncertaintyMs() > WARN_ABOVE_MS;
    if (isUnsure && !hasWarned) log.warn(`Time is uncertain by ${Math.round(uncertaintyMs())} ms`);
    hasWarned = isUnsure;
  }

  async function measureOnAndOn(): Promise<void> {
    await measure();
    if (!isStopped) timer = setTimeout(() => void measureOnAndOn(), MEASURE_EVERY_MS).unref();
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

  for (let count = 2; count < FIRST_READINGS; count += 1) await measure();
  await measureOnAndOn();
  return {
    now,
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

/** A timer may come a little early, and takes no more than 24 days at once: whatever is left is waited for again. */
function scheduleAfter(ms: number, run: () => void, monotonic: () => number): () => void {
  const dueAt = monotonic() + ms;
  let timer: NodeJS.Timeout;
  const wait = () => {
    const restMs = Math.ceil(dueAt - monotonic());
    timer = setTimeout(() => (monotonic() < dueAt ? wait() : run()), Math.min(Math.max(restMs, 0), LONGEST_TIMER_MS));
    timer.unref();
  };
  wait();
  return () => clearTimeout(timer);
}
