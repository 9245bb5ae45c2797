import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphqlListener } from '../http/graphql-route.ts';
import { exchangeOf } from '../http/http-exchange.ts';
import type { GraphqlOptions, GraphqlServer } from './graphql-server.ts';
import { createJsonPostHandler, plainPostType } from './json-posts.ts';
import { maskError } from './mask-error.ts';
import { currentRequestId, runInRequest } from './request-scope.ts';

interface ListenerOptions extends GraphqlOptions {
  /** Lets Yoga handle plain POSTs too: tests compare both ways. */
  readonly isYogaAlone?: boolean;
}

/** Returns the listener for /graphql. Plain POSTs of JSON take a short way; Yoga handles everything else. */
export function createGraphqlListener(
  server: GraphqlServer,
  { logger, isOpen, isYogaAlone = false }: ListenerOptions,
): GraphqlListener {
  const leaveToYoga = async (req: IncomingMessage, res: ServerResponse) => {
    await server(req, res, { req, res });
  };
  const mask = (error: unknown) => maskError(error, currentRequestId(), logger, isOpen);
  const handleJsonPost = createJsonPostHandler(server, { mask, leaveToYoga });
  return (req, res) =>
    runInRequest(exchangeOf(req).requestId, () => {
      const type = isYogaAlone ? null : plainPostType(req);
      return type === null ? leaveToYoga(req, res) : handleJsonPost(req, res, type);
    });
}
