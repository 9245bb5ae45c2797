import type { IncomingMessage, ServerResponse } from 'node:http';
import { scrub } from '../scrub.ts';
import { answerJson } from './answers.ts';
import { allowOrigin, answerOptions } from './cors.ts';
import type { Exchange } from './exchange.ts';
import type { Route } from './server.ts';

/** The most that an operation with its variables may take, in bytes. */
export const GRAPHQL_BODY_MAX = 100_000;

/** A request listener as GraphQL servers are: it answers all methods itself, and finds a body that was read in `request.body`. */
export type GraphqlListener = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface GraphqlRouteOptions {
  /** Whose pages may call from a browser. */
  readonly allowedOrigins?: readonly string[];
  /** Answers a person who comes with a browser; false: this one is not for people. */
  readonly answerPerson?: (request: IncomingMessage, response: ServerResponse, exchange: Exchange) => Promise<boolean>;
}

/**
 * The route of /graphql: bodies of at most 100 kB, a larger one refused with 413 and a GraphQL error. A body is JSON and
 * says so: no form of a foreign page can send that, nor anything else of it without asking first.
 */
export function graphqlRoute(
  listener: GraphqlListener,
  { allowedOrigins = [], answerPerson = async () => false }: GraphqlRouteOptions = {},
): Route {
  return {
    handle: async (request, response, exchange) => {
      allowOrigin(request, response, allowedOrigins);
      if (request.method === 'OPTIONS') return answerOptions(request, response);
      const problem = formProblem(request);
      if (problem !== null) return refuse(request, response, problem);
      if (isOfPerson(request) && (await answerPerson(request, response, exchange))) return;
      await listener(request, response);
    },
    body: {
      limit: GRAPHQL_BODY_MAX,
      refuse: (request, response) => {
        allowOrigin(request, response, allowedOrigins);
        const announced = request.headers['content-length'];
        const found = announced === undefined ? `more than ${GRAPHQL_BODY_MAX}` : announced;
        const message = `The body has ${found} bytes; at most ${GRAPHQL_BODY_MAX} are accepted.`;
        refuse(request, response, { status: 413, message });
      },
    },
  };
}

interface Problem {
  readonly status: number;
  readonly message: string;
}

/** What is wrong with the form of a request, before anybody reads what it says. */
function formProblem({ method, headers, url = '' }: IncomingMessage): Problem | null {
  if (method === 'POST') {
    const type = headers['content-type'];
    if (type !== undefined && /^application\/json(;|$)/.test(type)) return null;
    const found = type === undefined ? 'no Content-Type' : scrub(`the Content-Type ${JSON.stringify(type)}`);
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
function isOfPerson({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && (headers.accept ?? '').includes('text/html');
}

function refuse(request: IncomingMessage, response: ServerResponse, { status, message }: Problem): void {
  const type = 'application/graphql-response+json';
  const isAsked = request.headers.accept?.includes(type) ?? false;
  const body = { errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }] };
  answerJson(response, status, body, isAsked ? type : 'application/json');
}
