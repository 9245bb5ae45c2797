/**
 * How far two clocks may come apart: 1 ms a second. Both may be slewed, each by 500 ppm at most (MAXFREQ of ntp_adjtime(3)),
 * which is more than any quartz is off by itself.
 */
const DRIFT = 0.001;

/** One look at the database's clock. The first two are of the node's monotonic clock, all in milliseconds. */
export interface ClockReading {
  readonly sentAt: number;
  readonly receivedAt: number;
  /** What the database's clock showed at some moment between the two, since 1970. */
  readonly databaseAt: number;
}

/** What is known of the database's clock: it shows the monotonic clock plus `offsetMs`. */
export interface ClockEstimate {
  readonly offsetMs: number;
  /** Half the round trip: the offset was within it of the truth when it was measured. */
  readonly errorMs: number;
  /** When that was, by the monotonic clock. */
  readonly measuredAt: number;
}

/** What one reading says. */
export function estimateOffset({ sentAt, receivedAt, databaseAt }: ClockReading): ClockEstimate {
  const measuredAt = (sentAt + receivedAt) / 2;
  return { offsetMs: databaseAt - measuredAt, errorMs: (receivedAt - sentAt) / 2, measuredAt };
}

/** How far the truth may be from the estimate at a moment of the monotonic clock, in milliseconds. */
export function uncertaintyAt({ errorMs, measuredAt }: ClockEstimate, at: number): number {
  return errorMs + DRIFT * Math.max(0, at - measuredAt);
}

/**
 * What is known after another reading: of the old estimate and the new one whichever is less uncertain now, so that a slow
 * answer spoils nothing. When both cannot be true one of the clocks has jumped, and the new one holds.
 */
export function refineEstimate(
  known: ClockEstimate,
  reading: ClockReading,
): { estimate: ClockEstimate; hasJumped: boolean } {
  const latest = estimateOffset(reading);
  const knownMs = uncertaintyAt(known, reading.receivedAt);
  const latestMs = uncertaintyAt(latest, reading.receivedAt);
  const hasJumped = Math.abs(latest.offsetMs - known.offsetMs) > knownMs + latestMs;
  return { estimate: hasJumped || latestMs <= knownMs ? latest : known, hasJumped };
}
