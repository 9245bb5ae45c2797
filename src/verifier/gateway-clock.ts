/** By how much the two clocks may drift apart, per ms: what NTP corrects at most. The best head counts less by as much. */
const DRIFT = 0.0005;

/** By how much the wall clock may go on further than the monotonic clock between two heads. */
const DISTURBED_MS = 1_000;

/**
 * How long, by the monotonic clock, the two clocks are not compared again, because to read one costs as much as a tenth of a
 * verification. So long after a suspension the time may be taken as known.
 */
const COMPARED_MS = 1;

/** A process's own clocks, in ms. Tests replace them. */
export interface LocalClocks {
  /** Goes on evenly, and may stand still while the machine is suspended. */
  readonly monotonicMs: () => number;
  /** May be set. */
  readonly wallMs: () => number;
}

export const processClocks: LocalClocks = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };

/**
 * The gateway's time in another process, by the heads that arrive. A head can only arrive late, so the one that arrived with
 * the least delay counts, however long ago it came: heads that are all delayed later do not set the time back. If the machine was suspended, or its clock was set forward, the time is unknown until `reset`.
 */
export class GatewayClock {
  readonly #clocks: LocalClocks;
  #bestOffset: number | null = null;
  #heardMonotonicMs = 0;
  #heardWallMs = 0;
  #latestMs = 0;
  /** When the clocks were compared and agreed. */
  #comparedMs = Number.NEGATIVE_INFINITY;

  constructor(clocks: LocalClocks = processClocks) {
    this.#clocks = clocks;
  }

  /** Forgets all heads, because the next one comes by a new connection. */
  reset(): void {
    this.#bestOffset = null;
  }

  /**
   * Learns the gateway's time, in ms since 1970, when a line arrives. Returns false if the line may have waited while the machine
   * was suspended: only a new connection tells the time.
   */
  hear(timeMs: number): boolean {
    const monotonicMs = this.#clocks.monotonicMs();
    if (this.#bestOffset !== null && !this.#compare(monotonicMs)) return false;
    const offset = timeMs - monotonicMs;
    const sinceMs = monotonicMs - this.#heardMonotonicMs;
    this.#bestOffset = this.#bestOffset === null ? offset : Math.max(offset, this.#bestOffset - sinceMs * DRIFT);
    this.#heardMonotonicMs = monotonicMs;
    this.#heardWallMs = this.#clocks.wallMs();
    return true;
  }

  /** Returns the gateway's time in ms since 1970, which never goes backwards; null: it is unknown. */
  nowMs(): number | null {
    const monotonicMs = this.#clocks.monotonicMs();
    if (this.#bestOffset === null) return null;
    if (monotonicMs - this.#comparedMs >= COMPARED_MS && !this.#compare(monotonicMs)) return null;
    this.#latestMs = Math.max(this.#latestMs, this.#bestOffset + monotonicMs);
    return this.#latestMs;
  }

  /** Returns whether the clocks agree. */
  #compare(monotonicMs: number): boolean {
    const wallMs = this.#clocks.wallMs() - this.#heardWallMs;
    const doAgree = wallMs - (monotonicMs - this.#heardMonotonicMs) <= DISTURBED_MS;
    this.#comparedMs = doAgree ? monotonicMs : Number.NEGATIVE_INFINITY;
    return doAgree;
  }
}
