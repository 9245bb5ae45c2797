import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MaybePromise } from '../domain/maybe-promise.ts';
import { sendJson } from './responses.ts';
import type { PortalOrigins } from '../subjects/portal-origins.ts';
import { continueWith } from '../domain/maybe-promise.ts';
import { acceptsHtml } from './accepts-html.ts';
import { allowOrigin, allowPortalOrigin, sendPreflight } from './cors.ts';
import type { HttpExchange } from './http-exchange.ts';
import type { Route } from './find-route.ts';
import type { EnlargedBody, RequestProblem } from './read-request.ts';

/** The longest body of an operation with its variables, in bytes. */
export const GRAPHQL_BODY_MAX = 100_000;

/** The longest body of a bulk mutation, in bytes. */
export const GRAPHQL_BULK_BODY_MAX = 4_000_000;

/** The request listener of a GraphQL server: it handles all methods itself. The body is attached to the request. */
export type GraphqlListener = (request: IncomingMessage, response: ServerResponse) => MaybePromise<void>;

export interface GraphqlRouteOptions {
  /** The origins whose pages may call from a browser. */
  readonly allowedOrigins?: readonly string[];
  /** The origins of the realms, whose pages may send tokens of portal sessions. */
  readonly portalOrigins?: PortalOrigins;
  /** Responds to a request that accepts HTML. Returns false when the GraphQL server is to respond to it. */
  readonly serveBrowser?: (
    request: IncomingMessage,
    response: ServerResponse,
    exchange: HttpExchange,
  ) => Promise<boolean>;
  /** Returns whether a request may have the body of a bulk mutation. Default: none may. */
  readonly mayBeBulk?: EnlargedBody['isAllowed'];
}

/**
 * Returns the route of /graphql. A body has at most 100 kB, that of a request that may be bulk 4 MB; a larger one gets
 * 413 with a GraphQL error. A body must be
 * declared as application/json: a cross-site form cannot send that type, and a cross-site script only after a
 * preflight.
 */
export function graphqlRoute(
  listener: GraphqlListener,
  {
    allowedOrigins = [],
    portalOrigins,
    serveBrowser = async () => false,
    mayBeBulk = async () => false,
  }: GraphqlRouteOptions = {},
): Route {
  const handle: Route['handle'] = (request, response, exchange) => {
    if (request.method === 'OPTIONS') return sendPreflight(request, response);
    const problem = queryProblem(request);
    if (problem !== null) return sendGraphqlError(request, response, problem);
    if (!acceptsHtml(request)) return listener(request, response);
    return serveBrowser(request, response, exchange).then((isServed) =>
      isServed ? undefined : listener(request, response),
    );
  };
  return {
    handle: (request, response, exchange) => {
      allowOrigin(request, response, allowedOrigins);
      if (portalOrigins === undefined) return handle(request, response, exchange);
      const allowed = allowPortalOrigin(request, response, portalOrigins);
      return continueWith(allowed, () => handle(request, response, exchange));
    },
    body: {
      limit: GRAPHQL_BODY_MAX,
      type: 'application/json',
      enlarged: { limit: GRAPHQL_BULK_BODY_MAX, isAllowed: mayBeBulk },
    },
    refuse: (request, response, problem) => {
      allowOrigin(request, response, allowedOrigins);
      const { origin } = request.headers;
      if (origin !== undefined && portalOrigins?.hasKnown(origin)) allowOrigin(request, response, [origin]);
      sendGraphqlError(request, response, problem);
    },
  };
}

/** Returns what is wrong with a request's query parameters; null: nothing. The operation is not read. */
function queryProblem({ method, url = '' }: IncomingMessage): RequestProblem | null {
  if (method === 'POST') return null;
  const query = new URLSearchParams(url.split('?').slice(1).join('?'));
  const repeatedName = ['query', 'operationName', 'variables', 'extensions'].find(
    (name) => query.getAll(name).length > 1,
  );
  if (repeatedName !== undefined)
    return { status: 400, detail: `${repeatedName}: found twice; expected at most once.` };
  const invalidName = ['variables', 'extensions'].find((name) => !isJson(query.get(name)));
  return invalidName === undefined
    ? null
    : { status: 400, detail: `${invalidName}: found text that is not JSON; expected JSON.` };
}

function isJson(text: string | null): boolean {
  try {
    return text === null || text === '' || JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
}

function sendGraphqlError(
  request: IncomingMessage,
  response: ServerResponse,
  { status, detail: message, retryAfter }: RequestProblem,
): void {
  const type = 'application/graphql-response+json';
  const acceptsResponseType = request.headers.accept?.includes(type) ?? false;
  const extensions = retryAfter === undefined ? { code: 'BAD_USER_INPUT' } : { code: 'UNAVAILABLE', retryAfter };
  const body = { errors: [{ message, extensions }] };
  sendJson(response, status, body, acceptsResponseType ? type : 'application/json');
}
