/** Cancels something that was scheduled. Idempotent. */
export type Cancel = () => void;

/**
 * The single source of time. Code that needs the time takes a clock as a parameter, so that a test can advance it by
 * ten years.
 */
export interface Clock {
  /** Returns the current instant; never earlier than a previous result. */
  now(): Date;
  /**
   * Returns the time in ms since some moment. For durations: it goes on where `now` stands still, because the database's
   * clock was set back. Default: `now`, which never stands still.
   */
  monotonicMs?(): number;
  /** Calls a function once, after at least `ms`. Does not keep the process alive. */
  after(ms: number, run: () => void): Cancel;
}
