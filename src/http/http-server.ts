import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { RequestError } from '../domain/request-error.ts';
import { redact } from '../logging/redact.ts';
import type { Random } from '../store/random.ts';
import { toRequestError } from '../store/unavailable.ts';
import { trackConnections } from './drain-server.ts';
import { sendError, sendProblem } from './responses.ts';
import { findHeadProblem, readRequestBody, type AcceptedBody, type RequestProblem } from './read-request.ts';
import { clientAddress, type TrustedProxies } from './client-address.ts';
import { attachExchange, type HttpExchange, type HttpHandler } from './http-exchange.ts';
import type { Metrics } from './metrics.ts';
import { rejectMalformedRequest } from './malformed-request.ts';

/** The longest head of a request (request line and headers together), in bytes. A longer head gets 431. */
const HEAD_SIZE_MAX = 16 * 1024;
const HEADER_COUNT_MAX = 100;
const HEAD_TIMEOUT_MS = 10_000;
/** The time in which the whole request must arrive. The duration of the response is not limited here. */
const REQUEST_TIMEOUT_MS = 30_000;
/**
 * How long an idle connection stays open: longer than load balancers keep idle connections (usually 60 s), so that they
 * never reuse a connection that the server has just closed.
 */
const IDLE_TIMEOUT_MS = 75_000;
const TIMEOUT_CHECK_MS = 5_000;
const LOGGED_PATH_LENGTH_MAX = 200;

/** The handler of one path. */
export interface Route {
  readonly handle: HttpHandler;
  /** Other methods get 405; GET includes HEAD. Absent: the handler handles every method. */
  readonly methods?: readonly string[];
  /** The body that is accepted. Absent: the server reads no body. */
  readonly body?: AcceptedBody;
  /** The headers and the target repeat another request, which the handler is asked about: they are not checked here. */
  readonly isForwarded?: true;
  /** Responds to a request that is refused before it is handled. Absent: problem details. */
  readonly refuse?: (request: IncomingMessage, response: ServerResponse, problem: RequestProblem) => void;
}

export interface ServerParts {
  /** Keyed by exact path, or by `/name/*` for all paths below `/name/`. */
  readonly routes: ReadonlyMap<string, Route>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly proxies: TrustedProxies;
  readonly random: Random;
}

/**
 * Creates the HTTP server, not yet listening. Every response has a request id, and headers that keep browsers from
 * sniffing content types, framing, caching and sending a referrer. Every request is one log line (method, path without
 * query, status, duration) and one observation of the duration metric. Headers and bodies are never logged. Errors
 * outside GraphQL are problem details (RFC 9457). WebSocket upgrades are left to the listeners of 'upgrade'.
 */
export function createHttpServer(parts: ServerParts): Server {
  const server = createServer({
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
  // and `dispatch` refuses the request itself.
  server.maxHeadersCount = HEADER_COUNT_MAX + 1;
  trackConnections(server);
  const responseCounts = new WeakMap<object, number>();
  server.on('request', (request, response) => {
    const { socket } = request;
    responseCounts.set(socket, (responseCounts.get(socket) ?? 0) + 1);
    if (!server.listening) response.setHeader('Connection', 'close');
    response.once('close', () => {
      responseCounts.set(socket, (responseCounts.get(socket) ?? 1) - 1);
      // A draining server would wait for this connection, which is idle now.
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
    void handleRequest(parts, request, response);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const requestId = newRequestId(parts.random);
    const headers = { ...defaultHeaders, 'X-Request-Id': requestId };
    const isResponding = (responseCounts.get(socket) ?? 0) > 0;
    const status = rejectMalformedRequest(error, socket, headers, isResponding);
    if (status === null) return;
    parts.logger.info({ requestId, status, code: error.code }, 'malformed request');
    parts.metrics.requestDuration.observe({ route: 'none', status }, 0);
  });
  return server;
}

async function handleRequest(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const startedAtMs = performance.now();
  const requestId = requestIdOf(request, parts.random);
  const log = parts.logger.child({ requestId });
  const exchange = { requestId, address: clientAddress(request, parts.proxies), log };
  attachExchange(request, exchange);
  response.setHeaders(new Map([...Object.entries(defaultHeaders), ['X-Request-Id', requestId]]));
  const path = pathOf(request.url ?? '');
  response.once('close', () => {
    const durationMs = performance.now() - startedAtMs;
    const status = response.statusCode;
    const entry = { method: request.method, path: path?.slice(0, LOGGED_PATH_LENGTH_MAX), status };
    log.info({ ...entry, durationMs: Math.round(durationMs), isCutShort: !response.writableFinished }, 'request');
    const route = findRouteName(parts.routes, path) ?? 'none';
    parts.metrics.requestDuration.observe({ route, status }, durationMs / 1000);
  });
  try {
    await dispatch(parts.routes, path, request, response, exchange);
  } catch (thrown) {
    const error = toRequestError(thrown);
    if (!(error instanceof RequestError)) log.error({ err: error }, 'request failed');
    if (response.headersSent) response.destroy();
    else sendError(response, error, requestId);
  }
}

async function dispatch(
  routes: ReadonlyMap<string, Route>,
  path: string | null,
  request: IncomingMessage,
  response: ServerResponse,
  exchange: HttpExchange,
): Promise<void> {
  const { method = '', rawHeaders } = request;
  if (path === null)
    return sendProblem(response, 400, 'The request target is not a path; expected a path such as /graphql.');
  if (rawHeaders.length / 2 > HEADER_COUNT_MAX) {
    return sendProblem(
      response,
      431,
      `The request has more than ${HEADER_COUNT_MAX} headers; at most ${HEADER_COUNT_MAX} are accepted.`,
    );
  }
  const route = routes.get(findRouteName(routes, path) ?? '');
  if (route === undefined) {
    return sendProblem(response, 404, `Not found. Paths: ${[...routes.keys()].join(', ')}.`);
  }
  if (route.methods !== undefined && !route.methods.includes(method === 'HEAD' ? 'GET' : method)) {
    const allowed = route.methods.join(', ');
    response.setHeader('Allow', allowed);
    return sendProblem(response, 405, `Found method ${method}; expected ${allowed}.`);
  }
  const problem =
    (route.isForwarded ? null : findHeadProblem(request)) ??
    (route.body && (await readRequestBody(request, route.body))) ??
    null;
  if (problem === null) return await route.handle(request, response, exchange);
  response.setHeaders(new Map(Object.entries(problem.headers ?? {})));
  if (route.refuse !== undefined) route.refuse(request, response, problem);
  else sendProblem(response, problem.status, problem.detail);
}

/** Returns under which name a path has its route; null: it has none. */
function findRouteName(routes: ServerParts['routes'], path: string | null): string | null {
  if (path === null || routes.has(path)) return path;
  const above = path.replace(/^(\/[^/]*\/).*$/s, '$1*');
  return routes.has(above) ? above : null;
}

/** The headers of every response. A handler may replace them. */
export const defaultHeaders = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const;

/**
 * Returns the path of a request's target, without its query; null if the target has no path (RFC 9112, section 3.2).
 */
function pathOf(target: string): string | null {
  if (target.startsWith('/')) return target.replace(/[?#].*$/s, '');
  return /^https?:\/\//i.test(target) && URL.canParse(target) ? new URL(target).pathname : null;
}

/**
 * Returns the caller's X-Request-Id if it is safe in logs and headers and does not look like a secret; else a new id of
 * 96 random bits.
 */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>, random: Random): string {
  const requestId = request.headers['x-request-id'];
  if (typeof requestId === 'string' && /^[\w.-]{1,64}$/.test(requestId) && redact(requestId) === requestId)
    return requestId;
  return newRequestId(random);
}

function newRequestId(random: Random): string {
  return Buffer.from(random(12)).toString('base64url');
}
