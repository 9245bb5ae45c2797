import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerJson } from './answers.ts';
import type { Route } from './server.ts';

/** The most that an operation with its variables may take, in bytes. */
export const GRAPHQL_BODY_MAX = 100_000;

/** A request listener as GraphQL servers are: it answers all methods itself, and finds a body that was read in `request.body`. */
export type GraphqlListener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** The route of /graphql: any method, bodies of at most 100 kB, a larger one refused with 413 and a GraphQL error. */
export function graphqlRoute(listener: GraphqlListener): Route {
  return {
    handle: async (request, response) => void (await listener(request, response)),
    body: {
      limit: GRAPHQL_BODY_MAX,
      refuse: (request, response) => {
        const announced = request.headers['content-length'];
        const found = announced === undefined ? `more than ${GRAPHQL_BODY_MAX}` : announced;
        const message = `The body has ${found} bytes; at most ${GRAPHQL_BODY_MAX} are accepted.`;
        const type = 'application/graphql-response+json';
        const isAsked = request.headers.accept?.includes(type) ?? false;
        const body = { errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }] };
        answerJson(response, 413, body, isAsked ? type : 'application/json');
      },
    },
  };
}
