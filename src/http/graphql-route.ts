import type { IncomingMessage, ServerResponse } from 'node:http';
import { redact } from '../redact.ts';
import { sendJson } from './responses.ts';
import { allowOrigin, sendPreflight } from './cors.ts';
import type { HttpExchange } from './http-exchange.ts';
import type { Route } from './http-server.ts';

/** The most that an operation with its variables may take, in bytes. */
export const GRAPHQL_BODY_MAX = 100_000;

/** A request listener as GraphQL servers are: it answers all methods itself, and finds a body that was read in `request.body`. */
export type GraphqlListener = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface GraphqlRouteOptions {
  /** Whose pages may call from a browser. */
  readonly allowedOrigins?: readonly string[];
  /** Answers a person who comes with a browser; false: this one is not for people. */
  readonly serveBrowser?: (
    request: IncomingMessage,
    response: ServerResponse,
    exchange: HttpExchange,
  ) => Promise<boolean>;
}

/**
 * The route of /graphql: bodies of at most 100 kB, a larger one refused with 413 and a GraphQL error. A body is JSON and
 * says so: no form of a foreign page can send that, nor anything else of it without asking first.
 */
export function graphqlRoute(
  listener: GraphqlListener,
  { allowedOrigins = [], serveBrowser = async () => false }: GraphqlRouteOptions = {},
): Route {
  return {
    handle: async (request, response, exchange) => {
      allowOrigin(request, response, allowedOrigins);
      if (request.method === 'OPTIONS') return sendPreflight(request, response);
      const problem = requestProblem(request);
      if (problem !== null) return sendGraphqlError(request, response, problem);
      if (acceptsHtml(request) && (await serveBrowser(request, response, exchange))) return;
      await listener(request, response);
    },
    body: {
      limit: GRAPHQL_BODY_MAX,
      refuse: (request, response) => {
        allowOrigin(request, response, allowedOrigins);
        const announced = request.headers['content-length'];
        const found = announced === undefined ? `more than ${GRAPHQL_BODY_MAX}` : announced;
        const message = `The body has ${found} bytes; at most ${GRAPHQL_BODY_MAX} are accepted.`;
        sendGraphqlError(request, response, { status: 413, message });
      },
    },
  };
}

interface RequestProblem {
  readonly status: number;
  readonly message: string;
}

/** What is wrong with the form of a request, before anybody reads what it says. */
function requestProblem({ method, headers, url = '' }: IncomingMessage): RequestProblem | null {
  if (method === 'POST') {
    const type = headers['content-type'];
    if (type !== undefined && /^application\/json(;|$)/.test(type)) return null;
    const found = type === undefined ? 'no Content-Type' : redact(`the Content-Type ${JSON.stringify(type)}`);
    return { status: 415, message: `Found ${found}; application/json is accepted.` };
  }
  const query = new URLSearchParams(url.split('?').slice(1).join('?'));
  const wrong = ['variables', 'extensions'].find((name) => !isJson(query.get(name)));
  return wrong === undefined ? null : { status: 400, message: `${wrong}: found what is no JSON.` };
}

function isJson(text: string | null): boolean {
  try {
    return text === null || text === '' || JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
}

/** A browser that shows what it gets to a person. */
function acceptsHtml({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && (headers.accept ?? '').includes('text/html');
}

function sendGraphqlError(
  request: IncomingMessage,
  response: ServerResponse,
  { status, message }: RequestProblem,
): void {
  const type = 'application/graphql-response+json';
  const isAsked = request.headers.accept?.includes(type) ?? false;
  const body = { errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }] };
  sendJson(response, status, body, isAsked ? type : 'application/json');
}
