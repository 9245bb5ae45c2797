import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';

/** What the server knows of a request besides what it says of itself. */
export interface HttpExchange {
  /** Joins log entries, answers and what the caller reports: taken from X-Request-Id or made. */
  readonly requestId: string;
  /** Whose request it is, as far as trusted proxies tell. */
  readonly address: string;
  /** Writes with the request id. */
  readonly log: Logger;
}

/** Answers one request; the server has set the headers that all answers have. What it throws is logged and answered 500. */
export type HttpHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  exchange: HttpExchange,
) => void | Promise<void>;

const exchanges = new WeakMap<IncomingMessage, HttpExchange>();

export function attachExchange(request: IncomingMessage, exchange: HttpExchange): void {
  exchanges.set(request, exchange);
}

/** The exchange of a request that the server passed on; for handlers that are not ours and get the request alone. */
export function exchangeOf(request: IncomingMessage): HttpExchange {
  const exchange = exchanges.get(request);
  if (exchange === undefined) throw new Error('The request did not come through the server.');
  return exchange;
}
