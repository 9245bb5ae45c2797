import { redact } from './redact.ts';

export interface LogSinkOptions {
  /** Returns a line of JSON in the form in which it is written. */
  readonly format: (line: string) => string;
  /** Writes entries, each with its line break, synchronously. */
  readonly write: (entries: string) => void;
  /** Returns a time in ms that never goes back. Default: the process's. */
  readonly nowMs?: () => number;
}

/**
 * How many turns of the event loop write the lines of requests at their end, in so many ms. The lines of later turns wait
 * until these ms are over: a write costs as much as an answer.
 */
const PROMPT_WRITES = 3;
const WINDOW_MS = 10;

/** Lines with so many characters are written without waiting longer. */
const WAITING_MAX = 64 * 1024;

/**
 * Where the entries of a log go, in the order in which they were made. Entries about requests are collected, and those of
 * one turn of the event loop are written together, under load those of up to 10 ms. Every other entry is written at once,
 * after those that wait: so entries before a crash are not lost.
 */
export class LogSink {
  readonly #options: LogSinkOptions;
  readonly #nowMs: () => number;
  #waiting = '';
  #isScheduled = false;
  #windowFromMs = Number.NEGATIVE_INFINITY;
  #writesInWindow = 0;

  constructor(options: LogSinkOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** Redacts a line, and writes it at once. */
  write(line: string): void {
    this.flush();
    this.#options.write(this.#options.format(redact(line)));
  }

  /** Writes a line without secrets together with others: when this turn ends, or at most 10 ms later. */
  append(line: string): void {
    this.#waiting += this.#options.format(line);
    if (this.#waiting.length > WAITING_MAX) this.flush();
    this.flushSoon();
  }

  /** Writes what waits when this turn ends, or at most 10 ms later. */
  flushSoon(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const run = () => {
      this.#isScheduled = false;
      this.flush();
    };
    const waitMs = this.#takeWrite();
    if (waitMs === 0) setImmediate(run);
    else setTimeout(run, waitMs);
  }

  /** Writes what waits, for example before the process exits. */
  flush(): void {
    const lines = this.#waiting;
    if (lines === '') return;
    this.#waiting = '';
    this.#options.write(lines);
  }

  /** Takes one of the prompt writes. Returns for how many ms the next write has to wait; 0: not at all. */
  #takeWrite(): number {
    const nowMs = this.#nowMs();
    if (nowMs - this.#windowFromMs >= WINDOW_MS) {
      this.#windowFromMs = nowMs;
      this.#writesInWindow = 0;
    }
    this.#writesInWindow += 1;
    return this.#writesInWindow <= PROMPT_WRITES ? 0 : Math.ceil(this.#windowFromMs + WINDOW_MS - nowMs);
  }
}
