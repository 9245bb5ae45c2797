/**
 * Maximum drift between two clocks: 1 ms a second. Both may be slewed, each by at most 500 ppm (MAXFREQ of
 * ntp_adjtime(3)), which is more than the error of any quartz.
 */
const DRIFT = 0.001;

/** A reading of the database's clock, in ms. `sentAt` and `receivedAt` are instants of the node's monotonic clock. */
export interface ClockReading {
  readonly sentAt: number;
  readonly receivedAt: number;
  /** The database's time at some instant between the two, in ms since 1970. */
  readonly databaseAt: number;
}

/** An estimate of the database's clock: the monotonic clock plus `offsetMs`. */
export interface ClockEstimate {
  readonly offsetMs: number;
  /** Half the round trip: the maximum error of the offset when it was measured. */
  readonly errorMs: number;
  /** Instant of the measurement on the monotonic clock. */
  readonly measuredAt: number;
}

/** Returns the estimate from a single reading. */
export function estimateOffset({ sentAt, receivedAt, databaseAt }: ClockReading): ClockEstimate {
  const measuredAt = (sentAt + receivedAt) / 2;
  return { offsetMs: databaseAt - measuredAt, errorMs: (receivedAt - sentAt) / 2, measuredAt };
}

/** Returns the maximum error of an estimate at an instant of the monotonic clock, in ms. */
export function uncertaintyAt({ errorMs, measuredAt }: ClockEstimate, at: number): number {
  return errorMs + DRIFT * Math.max(0, at - measuredAt);
}

/**
 * Combines an estimate with another reading. Keeps whichever is less uncertain now, so that a slow response does no
 * harm. If the two contradict each other, one of the clocks has jumped, and the reading wins.
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
