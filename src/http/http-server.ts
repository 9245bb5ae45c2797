import { createServer, type Server } from 'node:http';
import { connectionsOf } from './connections.ts';
import { HEADER_COUNT_MAX } from './find-route.ts';
import { defaultHeaders, GatewayResponse } from './gateway-response.ts';
import { rejectMalformedRequest } from './malformed-request.ts';
import { GatewayRequest } from './request-body.ts';
import { RequestIds } from './request-ids.ts';
import { RequestReceiver, type ServerParts } from './request-receiver.ts';

/** The longest head of a request (request line and headers together), in bytes. A longer head gets 431. */
const HEAD_SIZE_MAX = 16 * 1024;
const HEAD_TIMEOUT_MS = 10_000;
/** The time in which the whole request must arrive. The duration of the response is not limited here. */
const REQUEST_TIMEOUT_MS = 30_000;
/**
 * How long an idle connection stays open: longer than load balancers keep idle connections (usually 60 s), so that they
 * never reuse a connection that the server has just closed.
 */
const IDLE_TIMEOUT_MS = 75_000;
const TIMEOUT_CHECK_MS = 5_000;

/** The limits of a node that operators set. */
export interface ServerLimits {
  /** How many requests may be in progress before others are refused with 503. */
  readonly requestsInProgress: number;
  /** How many requests are logged in a second, failures aside; null: all. */
  readonly requestLinesPerSecond: number | null;
}

/**
 * Creates the HTTP server, not yet listening. Every response has a request id, and headers that keep browsers from
 * sniffing content types, framing, caching and sending a referrer. Every request is one log line (method, path without
 * query, status, duration; above a rate only a sample) and one observation of the duration metric. Headers and bodies are never logged. Errors
 * outside GraphQL are problem details (RFC 9457). WebSocket upgrades are left to the listeners of 'upgrade'.
 */
export function createHttpServer(parts: ServerParts): Server {
  const { logger, metrics, random } = parts;
  const server = createServer({
    IncomingMessage: GatewayRequest,
    ServerResponse: GatewayResponse,
    maxHeaderSize: HEAD_SIZE_MAX,
    headersTimeout: HEAD_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: IDLE_TIMEOUT_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
  });
  // A client that has sent its request may close its sending side and still gets the whole response (RFC 9112, section 9.6).
  // Node's types do not declare the property.
  Object.assign(server, { httpAllowHalfOpen: true });
  // Node's versions differ above this count (headers dropped, request refused), so it admits one header more than our limit
  // and `findRoute` refuses the request itself.
  server.maxHeadersCount = HEADER_COUNT_MAX + 1;
  const connections = connectionsOf(server);
  const ids = new RequestIds(random);
  const receiver = new RequestReceiver(parts, ids);
  server.on('request', (request, response) => {
    const { socket } = request;
    if (connections.isRefused(socket)) return;
    const connection = connections.begin(socket);
    receiver.receive(request, response, !server.listening, () => {
      if (connection !== null) connections.end(socket, connection);
      // A draining server would wait for this connection, which is idle now.
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // A response that is not sent as a whole, and may be a stream, leaves no place for another. Who has sent nothing expects none:
    // its next request would take an error about the time for its own.
    const isSilent = connections.isResponding(socket) || !connections.hasReceived(socket);
    if (error.code === 'ECONNRESET' || isSilent) return socket.destroy();
    connections.refuse(socket);
    const requestId = ids.create();
    const status = rejectMalformedRequest(error, socket, { ...defaultHeaders, 'X-Request-Id': requestId });
    if (status === null) return;
    logger.info({ requestId, status, code: error.code }, 'malformed request');
    metrics.requestDurations.add('none', status, 0);
  });
  return server;
}
