import { redact } from './redact.ts';

export interface LogSinkOptions {
  /** Returns a line of JSON in the form in which it is written. */
  readonly format: (line: string) => string;
  /** Writes entries, each with its line break, synchronously. */
  readonly write: (entries: string) => void;
}

/**
 * Where the entries of a log go, in the order in which they were made. Entries about requests are collected, and those of
 * one turn of the event loop are written together. Every other entry is written at once, after those that wait: so
 * entries before a crash are not lost.
 */
export class LogSink {
  readonly #options: LogSinkOptions;
  #waiting = '';
  #isScheduled = false;

  constructor(options: LogSinkOptions) {
    this.#options = options;
  }

  /** Redacts a line, and writes it at once. */
  write(line: string): void {
    this.flush();
    this.#options.write(this.#options.format(redact(line)));
  }

  /** Writes a line without secrets when this turn ends, together with others. */
  append(line: string): void {
    this.#waiting += this.#options.format(line);
    this.flushSoon();
  }

  /** Writes what waits when this turn ends. */
  flushSoon(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.flush();
    });
  }

  /** Writes what waits, for example before the process exits. */
  flush(): void {
    const lines = this.#waiting;
    if (lines === '') return;
    this.#waiting = '';
    this.#options.write(lines);
  }
}
