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
 * How long the lines of requests wait after the last write of such lines. A write to a pipe costs more than an answer, because the
 * program that reads the pipe often takes the processor at once.
 */
const INTERVAL_MS = 25;

/** Lines with so many characters are written without waiting longer: half of what a pipe of Linux takes without blocking. */
const WAITING_MAX = 32 * 1024;

/**
 * Where the entries of a log go, in the order in which they were made. Entries about requests are collected, and those of
 * one turn of the event loop are written together, under load those of up to 25 ms. Every other entry is written at once,
 * after those that wait: so entries before a crash are not lost.
 */
export class LogSink {
  readonly #options: LogSinkOptions;
  readonly #nowMs: () => number;
  #waiting = '';
  #isScheduled = false;
  #nextAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: LogSinkOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** Redacts a line, and writes it at once. */
  write(line: string): void {
    this.flush();
    this.#options.write(this.#options.format(redact(line)));
  }

  /** Writes a line without secrets together with others: when this turn ends, or at most 25 ms later. */
  append(line: string): void {
    this.#waiting += this.#options.format(line);
    if (this.#waiting.length > WAITING_MAX) this.flush();
    this.flushSoon();
  }

  /** Writes what waits when this turn ends, or at most 25 ms later. */
  flushSoon(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const run = () => {
      this.#isScheduled = false;
      this.flush();
    };
    const nowMs = this.#nowMs();
    const waitMs = Math.ceil(this.#nextAtMs - nowMs);
    this.#nextAtMs = Math.max(nowMs, this.#nextAtMs) + INTERVAL_MS;
    if (waitMs <= 0) setImmediate(run);
    else setTimeout(run, waitMs);
  }

  /** Writes what waits, for example before the process exits. */
  flush(): void {
    const lines = this.#waiting;
    if (lines === '') return;
    this.#waiting = '';
    this.#options.write(lines);
  }
}
