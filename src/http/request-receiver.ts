import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { RequestError } from '../domain/request-error.ts';
import type { Random } from '../store/random.ts';
import { toRequestError } from '../store/unavailable.ts';
import { clientAddress, forwardedAddress, type TrustedProxies } from './client-address.ts';
import { findRoute, pathOf, type Route } from './find-route.ts';
import type { GatewayResponse } from './gateway-response.ts';
import { attachExchange, type HttpExchange } from './http-exchange.ts';
import { SHED_RETRY_SECONDS, type LoadLimit } from './load-limit.ts';
import type { Metrics } from './metrics.ts';
import { collectRequestBody, type RequestProblem } from './read-request.ts';
import type { RequestIds } from './request-ids.ts';
import type { RequestLog } from './request-log.ts';
import { sendError, sendProblem } from './responses.ts';
import { Turn } from './turn.ts';

export interface ServerParts {
  /** Keyed by exact path, or by `/name/*` for all paths below `/name/`. */
  readonly routes: ReadonlyMap<string, Route>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly proxies: TrustedProxies;
  readonly random: Random;
  /** The log of requests, of all servers of a node. */
  readonly log: RequestLog;
  /** The limit of load, of all servers of a node. */
  readonly load: LoadLimit;
}

const overloaded: RequestProblem = {
  status: 503,
  detail: `The gateway has too many requests in progress. Try again in ${SHED_RETRY_SECONDS} second.`,
  headers: { 'Retry-After': String(SHED_RETRY_SECONDS) },
  retryAfter: SHED_RETRY_SECONDS,
};

/** One request with its response, from its head to the end of its response. */
class Exchange implements HttpExchange {
  readonly request: IncomingMessage;
  readonly response: GatewayResponse;
  readonly requestId: string;
  readonly address: string;
  readonly path: string | null;
  readonly startedAtMs = performance.now();
  readonly route: Route | null;
  /** The name of the route, by which it is measured; null: the path has none. */
  readonly routeName: string | null;
  problem: RequestProblem | null;
  readonly #logger: Logger;
  readonly #proxies: TrustedProxies;
  #log: Logger | null = null;

  constructor(
    { routes, proxies, logger }: ServerParts,
    requestId: string,
    request: IncomingMessage,
    response: GatewayResponse,
  ) {
    this.request = request;
    this.response = response;
    this.requestId = requestId;
    this.address = clientAddress(request, proxies);
    this.path = pathOf(request.url ?? '');
    const { route, problem, name } = findRoute(routes, this.path, request);
    this.route = route;
    this.problem = problem;
    this.routeName = name;
    this.#logger = logger;
    this.#proxies = proxies;
  }

  get forwardedAddress(): string | null {
    return forwardedAddress(this.request, this.#proxies);
  }

  get peerAddress(): string {
    return this.#proxies.peerOf(this.request.socket).address;
  }

  get log(): Logger {
    return (this.#log ??= this.#logger.child({ requestId: this.requestId }));
  }
}

/**
 * Receives the requests of a server: collects their bodies, and handles those that have arrived in one turn of the event
 * loop together. Requests beyond the limit of load are refused with 503, except on routes that are served under load.
 */
export class RequestReceiver {
  readonly #parts: ServerParts;
  readonly #ids: RequestIds;
  readonly #turn: Turn<Exchange>;

  constructor(parts: ServerParts, ids: RequestIds) {
    this.#parts = parts;
    this.#ids = ids;
    this.#turn = new Turn(
      (exchange) => this.#handle(exchange),
      () => parts.log.flushSoon(),
    );
  }

  /**
   * Receives a request whose head has arrived. `isLast`: the connection closes after the response. `onClose` is called when the
   * response was sent, or its connection has closed.
   */
  receive(request: IncomingMessage, response: GatewayResponse, isLast: boolean, onClose: () => void): void {
    const exchange = new Exchange(this.#parts, this.#ids.of(request), request, response);
    attachExchange(request, exchange);
    const onFailure = (error: unknown) => this.#fail(exchange, error);
    response.begin({ requestId: exchange.requestId, turn: this.#turn, load: this.#parts.load, isLast, onFailure });
    response.on('close', () => {
      onClose();
      this.#finish(exchange);
    });
    const body = exchange.problem === null ? exchange.route?.body : undefined;
    if (body === undefined) return this.#queue(exchange);
    collectRequestBody(request, body, (problem) => {
      exchange.problem = problem;
      this.#queue(exchange);
    });
  }

  /** Queues a request that has arrived as a whole. What is refused takes no place: it costs no others theirs. */
  #queue(exchange: Exchange): void {
    exchange.problem ??= this.#findLoadProblem(exchange.route);
    if (exchange.problem === null && exchange.route?.isServedUnderLoad !== true) exchange.response.enter();
    this.#turn.add(exchange);
  }

  #handle(exchange: Exchange): void {
    // Its client has gone while the request waited for its turn.
    if (exchange.response.closed) return;
    try {
      const handled = this.#respond(exchange);
      if (handled instanceof Promise) handled.catch((error: unknown) => this.#fail(exchange, error));
    } catch (error) {
      this.#fail(exchange, error);
    }
  }

  #respond(exchange: Exchange): void | Promise<void> {
    const { request, response, route, problem } = exchange;
    if (problem === null) return route?.handle(request, response, exchange);
    for (const [name, value] of Object.entries(problem.headers ?? {})) response.setHeader(name, value);
    if (route?.refuse === undefined) sendProblem(response, problem.status, problem.detail);
    else route.refuse(request, response, problem);
  }

  #findLoadProblem(route: Route | null): RequestProblem | null {
    if (!this.#parts.load.isReached || route?.isServedUnderLoad === true) return null;
    this.#parts.metrics.shedRequests.inc();
    return overloaded;
  }

  #fail(exchange: Exchange, thrown: unknown): void {
    const { response, requestId } = exchange;
    const error = toRequestError(thrown);
    if (!(error instanceof RequestError)) exchange.log.error({ err: error }, 'request failed');
    if (response.headersSent || response.isEnding) response.destroy();
    else sendError(response, error, requestId);
  }

  /** Logs and measures a request whose response has ended, or whose connection has closed. */
  #finish({ request, response, requestId, path, routeName, startedAtMs }: Exchange): void {
    response.leave();
    const { log, metrics } = this.#parts;
    const durationMs = performance.now() - startedAtMs;
    const { statusCode: status, writableFinished } = response;
    log.add({
      requestId,
      method: request.method ?? '',
      path,
      isRoute: path === routeName,
      status,
      durationMs,
      isCutShort: !writableFinished,
    });
    metrics.requestDurations.add(routeName ?? 'none', status, durationMs / 1000);
  }
}
