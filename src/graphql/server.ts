import type { IncomingMessage, ServerResponse } from 'node:http';
import { createYoga, type YogaServerInstance } from 'graphql-yoga';
import type { Logger } from 'pino';
import { authenticate, type Authenticated } from '../accounts/authenticate.ts';
import { RequestError } from '../domain/request-error.ts';
import { exchangeOf } from '../http/exchange.ts';
import type { Context, Services } from './context.ts';
import { CredentialWatch } from './credential-watch.ts';
import { maskError, shown } from './mask-error.ts';
import { currentRequestId, inRequest } from './request-scope.ts';
import { schema } from './schema.ts';
import { useSnapshot } from './snapshot.ts';

export interface GraphqlOptions {
  readonly logger: Logger;
  /** Whether anyone may look at the schema and GraphiQL, or only who is signed in. */
  readonly isOpen: boolean;
  /** Whose pages may call from a browser, beside our own. */
  readonly allowedOrigins: readonly string[];
}

/** What an operation comes with: an HTTP request, or the context that a socket has made. */
export interface ServerContext {
  readonly req: IncomingMessage;
  readonly res?: ServerResponse;
  readonly socketContext?: Context;
}

export type GraphqlServer = YogaServerInstance<ServerContext, Context>;

/** GraphQL over HTTP, with subscriptions over SSE. What is asked over a socket goes through the same instance. */
export function createGraphqlServer(services: Services, options: GraphqlOptions): GraphqlServer {
  const { allowedOrigins, logger } = options;
  return createYoga<ServerContext, Context>({
    schema,
    graphqlEndpoint: '/graphql',
    batching: false,
    multipart: false,
    landingPage: false,
    logging: false,
    graphiql: false,
    cors: allowedOrigins.length === 0 ? false : { origin: [...allowedOrigins], methods: ['GET', 'POST'] },
    maskedErrors: { maskError: (error) => maskError(error, currentRequestId(), logger) },
    plugins: [useSnapshot()],
    context: ({ req, socketContext }) => socketContext ?? httpContext(services, req),
  });
}

/** The listener for /graphql. */
export function graphqlListener(server: GraphqlServer) {
  return (req: IncomingMessage, res: ServerResponse) =>
    inRequest(exchangeOf(req).requestId, () => server(req, res, { req, res }));
}

async function httpContext(services: Services, req: IncomingMessage): Promise<Context> {
  const { address, requestId } = exchangeOf(req);
  const authorization = req.headers.authorization ?? null;
  try {
    const authenticated = await authenticate(services, authorization, address);
    const credential = { authorization, address, authenticated };
    return createContext(
      services,
      { address, requestId, authenticated },
      () => new CredentialWatch(services, credential),
    );
  } catch (error) {
    throw error instanceof RequestError ? shown(error) : error;
  }
}

/** What the resolvers of one operation get. */
export function createContext(
  services: Services,
  { address, requestId, authenticated }: { address: string; requestId: string; authenticated: Authenticated },
  watchCredential: () => CredentialWatch,
): Context {
  return { services, db: services.prisma, caller: authenticated.caller, address, requestId, watchCredential };
}
