import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';

/** What the server knows about a request beyond its own bytes. */
export interface HttpExchange {
  /** Identifies the request in log lines, responses and reports of callers. Taken from X-Request-Id, or generated. */
  readonly requestId: string;
  /** The client's address, as reported by trusted proxies. */
  readonly address: string;
  /** The client's address if trusted proxies report it; null: the request came from no proxy, or none was reported. */
  readonly forwardedAddress: string | null;
  /** The address of the other end of the connection: of the last proxy, or of the client. */
  readonly peerAddress: string;
  /** Adds the request id to each line. */
  readonly log: Logger;
}

/**
 * Responds to one request. The server has set the headers that all responses have. A RequestError that the handler
 * throws is sent with its own status; every other error is logged and sent as a 500.
 */
export type HttpHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  exchange: HttpExchange,
) => void | Promise<void>;

/** Where a request has its exchange. */
const exchangeKey = Symbol('exchange');

export function attachExchange(request: IncomingMessage, exchange: HttpExchange): void {
  (request as IncomingMessage & { [exchangeKey]?: HttpExchange })[exchangeKey] = exchange;
}

/**
 * Returns the exchange of a request that the server dispatched, for handlers of libraries, which get only the
 * request.
 */
export function exchangeOf(request: IncomingMessage & { readonly [exchangeKey]?: HttpExchange }): HttpExchange {
  const exchange = request[exchangeKey];
  if (exchange === undefined) throw new Error('The request did not come through the server.');
  return exchange;
}
