import type { IncomingMessage, ServerResponse } from 'node:http';
import { createYoga, type YogaServerInstance } from 'graphql-yoga';
import type { Logger } from 'pino';
import { continueWith, type MaybePromise } from '../domain/maybe-promise.ts';
import { authenticateRequest } from '../http/console/authenticate-request.ts';
import { exchangeOf } from '../http/http-exchange.ts';
import type { Context, Services } from './context.ts';
import { CredentialWatch } from './credential-watch.ts';
import { useEventStream } from './event/event-stream.ts';
import { SubscriptionState } from './event/subscription-state.ts';
import { useSubscriptions } from './event/use-subscriptions.ts';
import { useExecutor } from './execute/use-executor.ts';
import { useIntrospection } from './introspection.ts';
import { useDocumentCache } from './limits/document-cache.ts';
import { useLimits } from './limits/use-limits.ts';
import { maskError, useMaskedValidation } from './mask-error.ts';
import { useOperationName } from './operation-name.ts';
import { usePersistedQueries } from './persisted-queries.ts';
import { currentRequestId } from './request-scope.ts';
import { schema } from './schema.ts';
import { useSnapshot } from './snapshot.ts';
import { useHttpStatus } from './http-status.ts';

export interface GraphqlOptions {
  readonly logger: Logger;
  /** Whether anyone may read the schema and open GraphiQL (open mode). False: only authenticated callers may. */
  readonly isOpen: boolean;
}

/** Where an operation comes from: an HTTP request, or a socket, which brings its own context. */
export interface ServerContext {
  readonly req: IncomingMessage;
  readonly res?: ServerResponse;
  readonly socketContext?: Context;
}

export type GraphqlServer = YogaServerInstance<ServerContext, Context>;

/** Creates the GraphQL server: over HTTP, with subscriptions over SSE. Sockets run their operations through it too. */
export function createGraphqlServer(services: Services, options: GraphqlOptions): GraphqlServer {
  const { isOpen, logger } = options;
  const mask = (error: unknown) => maskError(error, currentRequestId(), logger, isOpen);
  return createYoga<ServerContext, Context>({
    schema,
    graphqlEndpoint: '/graphql',
    batching: false,
    multipart: false,
    landingPage: false,
    logging: false,
    graphiql: false,
    cors: false,
    parserAndValidationCache: false,
    maskedErrors: { maskError: mask },
    plugins: [
      useExecutor(),
      useOperationName(),
      usePersistedQueries(),
      useDocumentCache({ isOpen }),
      useLimits(),
      useMaskedValidation(mask),
      useIntrospection({ isOpen }),
      useSnapshot(),
      useSubscriptions(),
      useHttpStatus(),
      useEventStream(),
    ],
    context: ({ req, res, socketContext }) => socketContext ?? createHttpContext(services, req, res),
  });
}

function createHttpContext(services: Services, req: IncomingMessage, res?: ServerResponse): MaybePromise<Context> {
  const { address, requestId } = exchangeOf(req);
  const asOf = services.follower.head;
  return continueWith(authenticateRequest(services, req, address), (authenticated) => {
    const openWatch = () => {
      const watch = new CredentialWatch(services, authenticated, asOf);
      if (res?.closed) watch.close();
      else res?.once('close', () => watch.close());
      return watch;
    };
    const subscription = new SubscriptionState({ openWatch, lastEventId: lastEventIdOf(req) });
    return createContext(services, { address, requestId, caller: authenticated.caller, subscription });
  });
}

/** Returns the Last-Event-ID header, or undefined if it is missing or empty. */
function lastEventIdOf({ headers }: IncomingMessage): string | undefined {
  const [id] = [headers['last-event-id'] ?? []].flat();
  return id === '' ? undefined : id;
}

/** Creates the context for the resolvers of one operation. */
export function createContext(
  services: Services,
  about: Pick<Context, 'address' | 'requestId' | 'caller' | 'subscription'>,
): Context {
  return { services, db: services.prisma, ...about };
}
