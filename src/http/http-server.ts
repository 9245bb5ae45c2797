import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { RequestError } from '../domain/request-error.ts';
import { redact } from '../redact.ts';
import type { Random } from '../store/random.ts';
import { toRequestError } from '../store/unavailable.ts';
import { sendError, sendProblem } from './responses.ts';
import { attachBody, readBody } from './request-body.ts';
import { clientAddress, type TrustedProxies } from './client-address.ts';
import { attachExchange, type HttpExchange, type HttpHandler } from './http-exchange.ts';
import type { Metrics } from './metrics.ts';
import { rejectMalformedRequest } from './malformed-request.ts';

/** The head of a request: its line and headers together, in bytes; above it 431. */
const HEAD_SIZE_MAX = 16 * 1024;
const HEADER_COUNT_MAX = 100;
const HEAD_TIMEOUT_MS = 10_000;
/** For the whole request to arrive; how long the answer takes is not limited here. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Longer than load balancers keep an idle connection (usually 60 s), so that they never send into one that just closed. */
const IDLE_TIMEOUT_MS = 75_000;
const TIMEOUT_CHECK_MS = 5_000;
const LOGGED_PATH_LENGTH_MAX = 200;

/** What answers at one path. */
export interface Route {
  readonly handle: HttpHandler;
  /** Methods other than these are answered 405; HEAD goes with GET. Left out: the handler tells. */
  readonly methods?: readonly string[];
  /** The most bytes that a body may have, and who answers when it has more. Left out: bodies are not read. */
  readonly body?: { readonly limit: number; readonly refuse: HttpHandler };
}

export interface ServerParts {
  /** By exact path. */
  readonly routes: ReadonlyMap<string, Route>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly proxies: TrustedProxies;
  readonly random: Random;
}

/**
 * The HTTP server, not yet listening. Every answer has its request id and the headers that keep browsers from guessing,
 * framing, storing and telling where they came from; every request is one log line (method, path without query, status,
 * duration) and one observation. Nothing of headers or bodies is logged. Errors outside GraphQL are problem details
 * (RFC 9457). WebSocket upgrades are left to who listens for them.
 */
export function createHttpServer(parts: ServerParts): Server {
  const server = createServer({
    maxHeaderSize: HEAD_SIZE_MAX,
    headersTimeout: HEAD_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: IDLE_TIMEOUT_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
  });
  // What Node does above its count has changed between versions (left out, refused): one more than ours is let in and seen.
  server.maxHeadersCount = HEADER_COUNT_MAX + 1;
  const answeringCounts = new WeakMap<object, number>();
  server.on('request', (request, response) => {
    const { socket } = request;
    answeringCounts.set(socket, (answeringCounts.get(socket) ?? 0) + 1);
    if (!server.listening) response.setHeader('Connection', 'close');
    response.once('close', () => {
      answeringCounts.set(socket, (answeringCounts.get(socket) ?? 1) - 1);
      // A server that drains would wait for a connection that has become idle.
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
    void handleRequest(parts, request, response);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const requestId = newRequestId(parts.random);
    const headers = { ...defaultHeaders, 'X-Request-Id': requestId };
    const isAnswering = (answeringCounts.get(socket) ?? 0) > 0;
    const status = rejectMalformedRequest(error, socket, headers, isAnswering);
    if (status === null) return;
    parts.logger.info({ requestId, status, code: error.code }, 'unreadable request');
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
    const route = path !== null && parts.routes.has(path) ? path : 'none';
    parts.metrics.requestDuration.observe({ route, status }, durationMs / 1000);
  });
  try {
    await dispatch(parts.routes, path, request, response, exchange);
  } catch (thrown) {
    const error = toRequestError(thrown);
    if (!(error instanceof RequestError)) log.error({ err: error }, 'a request failed');
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
  if (path === null) return sendProblem(response, 400, 'The target is no path; a path such as /graphql is accepted.');
  if (rawHeaders.length / 2 > HEADER_COUNT_MAX) {
    return sendProblem(response, 431, `There are more than ${HEADER_COUNT_MAX} headers; that many are accepted.`);
  }
  const route = routes.get(path);
  if (route === undefined) {
    return sendProblem(response, 404, `Nothing is at this path; at these there is: ${[...routes.keys()].join(', ')}.`);
  }
  if (route.methods !== undefined && !route.methods.includes(method === 'HEAD' ? 'GET' : method)) {
    const allowed = route.methods.join(', ');
    response.setHeader('Allow', allowed);
    return sendProblem(response, 405, `The method is ${method}; accepted: ${allowed}.`);
  }
  if (route.body !== undefined) {
    const body = await readBody(request, route.body.limit);
    if (body === null) return await route.body.refuse(request, response, exchange);
    attachBody(request, body);
  }
  await route.handle(request, response, exchange);
}

/** On every answer; a handler may set its own instead. */
export const defaultHeaders = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const;

/** The path that a request is for, without its query; null when its target has none (RFC 9112, section 3.2). */
function pathOf(target: string): string | null {
  if (target.startsWith('/')) return target.replace(/[?#].*$/s, '');
  return /^https?:\/\//i.test(target) && URL.canParse(target) ? new URL(target).pathname : null;
}

/** The id that the caller gave, when it is one that logs and headers may hold; else a new one of 96 random bits. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>, random: Random): string {
  const given = request.headers['x-request-id'];
  if (typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) && redact(given) === given) return given;
  return newRequestId(random);
}

function newRequestId(random: Random): string {
  return Buffer.from(random(12)).toString('base64url');
}
