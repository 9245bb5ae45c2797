import type { Logger } from 'pino';
import { SECOND_MS } from '../domain/duration.ts';
import type { LogSink } from '../logging/log-sink.ts';
import { sinkOf } from '../logging/logger.ts';
import { redact } from '../logging/redact.ts';
import type { Clock } from '../store/clock.ts';

const LOGGED_PATH_LENGTH_MAX = 200;

/** How one request went. */
export interface LoggedRequest {
  /** Safe in a log: it has no secret and no character that JSON escapes. */
  readonly requestId: string;
  readonly method: string;
  /** Null: the request's target has no path. */
  readonly path: string | null;
  /** Whether the path is one of the gateway's own. */
  readonly isRoute: boolean;
  readonly status: number;
  readonly durationMs: number;
  /** Whether the connection closed before the whole response was written. */
  readonly isCutShort: boolean;
}

export interface RequestLogOptions {
  readonly logger: Logger;
  /** How many requests are logged in a second, failures aside; null: all. */
  readonly linesPerSecond: number | null;
  readonly clock: Clock;
}

/**
 * Logs requests, one line each, in the form of the logger's other entries. The line is made without the logger, whose
 * redaction costs more than the rest of a request: of its parts a caller chooses only the request id, which is safe, and
 * the path, which is redacted unless the gateway has it.
 *
 * Above the rate of lines only the first requests of each second are logged, and how many others there were. Requests that
 * failed (status 500 and above) are always logged.
 */
export class RequestLog {
  readonly #logger: Logger;
  readonly #sink: LogSink;
  /** The gateway's own paths, as JSON. */
  readonly #routes = new Map<string, string>();
  readonly #linesPerSecond: number;
  readonly #clock: Clock;
  readonly #start = `,"pid":${process.pid},"requestId":"`;
  #time = '';
  #timeMs = 0;
  #loggedCount = 0;
  #omittedCount = 0;
  #isCounting = false;

  constructor({ logger, linesPerSecond, clock }: RequestLogOptions) {
    this.#logger = logger;
    this.#sink = sinkOf(logger);
    this.#linesPerSecond = linesPerSecond ?? Number.POSITIVE_INFINITY;
    this.#clock = clock;
  }

  /** Logs a request when this turn of the event loop ends, together with the others of the turn. */
  add({ requestId, method, path, isRoute, status, durationMs, isCutShort }: LoggedRequest): void {
    if (!this.#logger.isLevelEnabled('info') || !this.#isSampled(status)) return;
    const pathField = path === null ? '' : `"path":${isRoute ? this.#routeJson(path) : toSafeJson(path)},`;
    this.#sink.append(
      `{"level":"info","time":"${this.#now()}"${this.#start}${requestId}","method":"${method}",${pathField}"status":${status},"durationMs":${Math.round(durationMs)},"isCutShort":${isCutShort},"msg":"request"}\n`,
    );
  }

  /** Writes the lines of this turn right after it, even if it has none yet. */
  flushSoon(): void {
    this.#sink.flushSoon();
  }

  #routeJson(path: string): string {
    let json = this.#routes.get(path);
    if (json === undefined) this.#routes.set(path, (json = toSafeJson(path)));
    return json;
  }

  #isSampled(status: number): boolean {
    if (this.#linesPerSecond === Number.POSITIVE_INFINITY || status >= 500) return true;
    if (!this.#isCounting) this.#count();
    const isLogged = this.#loggedCount < this.#linesPerSecond;
    if (isLogged) this.#loggedCount += 1;
    else this.#omittedCount += 1;
    return isLogged;
  }

  /** Counts the requests of the next second, and then logs how many were omitted. */
  #count(): void {
    this.#isCounting = true;
    this.#clock.after(SECOND_MS, () => {
      this.#isCounting = false;
      if (this.#omittedCount > 0) this.#logger.info({ count: this.#omittedCount }, 'requests not logged');
      this.#loggedCount = 0;
      this.#omittedCount = 0;
    });
  }

  /** Returns the time as text, which changes each millisecond. */
  #now(): string {
    const nowMs = Date.now();
    if (nowMs !== this.#timeMs) {
      this.#timeMs = nowMs;
      this.#time = new Date(nowMs).toISOString();
    }
    return this.#time;
  }
}

function toSafeJson(path: string): string {
  return redact(JSON.stringify(path.slice(0, LOGGED_PATH_LENGTH_MAX)));
}
