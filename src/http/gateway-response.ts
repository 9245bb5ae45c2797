import { ServerResponse, type IncomingMessage, type OutgoingHttpHeader, type OutgoingHttpHeaders } from 'node:http';
import type { LoadLimit } from './load-limit.ts';
import type { WaitingAnswer } from './turn.ts';

/** The headers of every response. A handler may replace them. */
export const defaultHeaders = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const;

/** The default headers in one list, names and values in turn. */
const defaultList: readonly string[] = Object.entries(defaultHeaders).flat();

/** Where the name of a default header is in the list, by its name in lower case. */
const positions = new Map(Object.keys(defaultHeaders).map((name, index) => [name.toLowerCase(), 2 * index]));

/** What a response needs of its server. */
export interface ResponseParts {
  readonly requestId: string;
  readonly turn: { defer(answer: WaitingAnswer): boolean };
  readonly load: LoadLimit;
  /** Whether the connection closes after the response. */
  readonly isLast: boolean;
  /** Called with the error of a response that could not be written. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * A response of the gateway: it has a request id and the default headers, and its end waits for the other answers of its
 * turn. The headers are written as one list, unless a handler reads or sets one before it writes the head.
 */
export class GatewayResponse<Request extends IncomingMessage = IncomingMessage>
  extends ServerResponse<Request>
  implements WaitingAnswer
{
  #parts: ResponseParts | null = null;
  #hasHeaders = false;
  #isInProgress = false;
  #end: readonly unknown[] | null = null;

  /** Connects the response with its server, before the request is handled. */
  begin(parts: ResponseParts): void {
    if (parts.isLast) super.setHeader('Connection', 'close');
    this.#parts = parts;
    if (parts.isLast) this.#setDefaults();
  }

  /** Whether the end of the response waits for the other answers of its turn. */
  get isEnding(): boolean {
    return this.#end !== null;
  }

  /** Counts the request as in progress until its response begins or its connection closes. */
  enter(): void {
    if (this.#parts === null || this.closed) return;
    this.#isInProgress = true;
    this.#parts.load.enter();
  }

  /** Frees the place that the request took among those in progress. */
  leave(): void {
    if (!this.#isInProgress) return;
    this.#isInProgress = false;
    this.#parts?.load.leave();
  }

  override writeHead(status: number, second?: unknown, third?: unknown): this {
    this.leave();
    if (this.#parts !== null && !this.#hasHeaders) {
      const headers = typeof second === 'string' ? third : second;
      if (!Array.isArray(headers)) {
        const list = listHeaders(this.#parts.requestId, headers as OutgoingHttpHeaders | undefined);
        return typeof second === 'string' ? super.writeHead(status, second, list) : super.writeHead(status, list);
      }
      this.#setDefaults();
    }
    return super.writeHead(status, second as never, third as never);
  }

  override end(chunk?: unknown, encoding?: unknown, callback?: unknown): this {
    if (this.#end === null && this.#parts?.turn.defer(this) === true) this.#end = [chunk, encoding, callback];
    else if (this.#end === null) super.end(chunk, encoding as never, callback as never);
    return this;
  }

  /** Writes the end that has waited for the other answers of the turn. */
  finish(): void {
    const [chunk, encoding, callback] = this.#end ?? [];
    try {
      super.end(chunk, encoding as never, callback as never);
    } catch (error) {
      this.#end = null;
      this.#parts?.onFailure(error);
    }
  }

  override setHeader(name: string, value: number | string | readonly string[]): this {
    this.#setDefaults();
    return super.setHeader(name, value);
  }

  override appendHeader(name: string, value: string | readonly string[]): this {
    this.#setDefaults();
    return super.appendHeader(name, value);
  }

  override removeHeader(name: string): void {
    this.#setDefaults();
    super.removeHeader(name);
  }

  override hasHeader(name: string): boolean {
    this.#setDefaults();
    return super.hasHeader(name);
  }

  override getHeader(name: string): number | string | string[] | undefined {
    this.#setDefaults();
    return super.getHeader(name);
  }

  override getHeaders(): OutgoingHttpHeaders {
    this.#setDefaults();
    return super.getHeaders();
  }

  override getHeaderNames(): string[] {
    this.#setDefaults();
    return super.getHeaderNames();
  }

  #setDefaults(): void {
    if (this.#hasHeaders || this.#parts === null || this.headersSent) return;
    this.#hasHeaders = true;
    for (const [name, value] of Object.entries(defaultHeaders)) super.setHeader(name, value);
    super.setHeader('X-Request-Id', this.#parts.requestId);
  }
}

/** Returns the default headers, the request id, and a handler's headers as one list. */
function listHeaders(requestId: string, headers: OutgoingHttpHeaders = {}): OutgoingHttpHeader[] {
  const list: OutgoingHttpHeader[] = [...defaultList, 'X-Request-Id', requestId];
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    const position = positions.get(name.toLowerCase());
    if (position === undefined) list.push(name, value);
    else list.splice(position, 2, name, value);
  }
  return list;
}
