/** Stops something that was scheduled; stopping twice is harmless. */
export type Cancel = () => void;

/**
 * The one source of time. Everything that asks what time it is takes a clock as a parameter, so that a test can travel
 * ten years.
 */
export interface Clock {
  /** The present instant; never earlier than the one it gave before. */
  now(): Date;
  /** Runs something once, when at least that many milliseconds have passed. Does not keep the process alive. */
  after(ms: number, run: () => void): Cancel;
}
