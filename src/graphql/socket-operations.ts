import {
  GraphQLError,
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLFormattedError,
} from 'graphql';
import { CloseCode, type ServerOptions } from 'graphql-ws';
import type { Logger } from 'pino';
import { authenticate } from '../accounts/authenticate.ts';
import { credentialEnd, type CredentialEnd } from '../accounts/authentication.ts';
import { RequestError } from '../domain/request-error.ts';
import { isOwnOrigin } from '../http/cors.ts';
import { withoutPassword } from '../http/console/password-proof.ts';
import { cookieCredential } from '../http/console/session-cookie.ts';
import { clientAddress, type TrustedProxies } from '../http/client-address.ts';
import { isUnavailable } from '../store/unavailable.ts';
import type { Services } from './context.ts';
import { CredentialWatch } from './credential-watch.ts';
import { Broadcast } from './event/broadcast.ts';
import { createSharedSubscription } from './event/shared-subscription.ts';
import { SubscriptionState } from './event/subscription-state.ts';
import { makeInterruptible } from './make-interruptible.ts';
import { maskError } from './mask-error.ts';
import { operationNameOf } from './operation-name.ts';
import { checkPersistedQuery } from './persisted-queries.ts';
import { currentRequestId } from './request-scope.ts';
import { createContext, type GraphqlServer } from './graphql-server.ts';
import type { SocketState } from './serve-socket.ts';

/** Ends of a credential after which it can never work again: clients must not reconnect with it. */
const permanentEnds: ReadonlySet<CredentialEnd> = new Set([
  'UNKNOWN',
  'KEY_UNKNOWN',
  'KEY_REVOKED',
  'ACCOUNT_DISABLED',
  'PORTAL_SESSION_ENDED',
]);

/**
 * WebSocket close code (IANA registry): the caller cannot be authenticated right now; the credential may still be good.
 */
const TRY_AGAIN_LATER = 1013;

/** The most operations that may run at once on one socket. */
const OPERATIONS_MAX = 100;

/** The options of graphql-ws with our types. */
type Operations = ServerOptions<Record<string, unknown>, SocketState>;

export interface SocketOperationOptions {
  readonly proxies: TrustedProxies;
  readonly logger: Logger;
  readonly allowedOrigins: readonly string[];
}

/**
 * Creates the options of graphql-ws. Operations run through the HTTP server's instance: with the same limits, errors
 * and context.
 */
export function socketOperations(
  graphql: GraphqlServer,
  services: Services,
  { proxies, logger, allowedOrigins }: SocketOperationOptions,
): Operations {
  const broadcast = new Broadcast(services);
  const masked = (error: unknown) => maskError(error, currentRequestId(), logger);
  return {
    execute: (args) => (args as EnvelopedArgs).rootValue.execute(args),
    subscribe: async (args) => endWithErrors(await (args as EnvelopedArgs).rootValue.subscribe(args), masked),

    async onConnect({ extra, connectionParams }) {
      const { socket, request } = extra;
      const { authorization, Authorization } = connectionParams ?? {};
      // Two different credentials: neither counts, as with two Authorization headers.
      if (authorization !== undefined && Authorization !== undefined && authorization !== Authorization) {
        return closeForCredential(extra, 'UNKNOWN');
      }
      const given = authorization ?? Authorization;
      const asOf = services.follower.head;
      try {
        const address = clientAddress(request, proxies);
        const named = typeof given === 'string' ? given : null;
        const authorization = given === undefined ? cookieCredential(request, services.publicUrl()) : named;
        const origin = { value: request.headers.origin ?? null, mayBeMissing: false };
        const verified = await authenticate(services, authorization, address, null, origin);
        const authenticated = given === undefined ? withoutPassword(verified) : verified;
        const { kind } = authenticated.caller;
        if (kind === 'ANONYMOUS') return closeForCredential(extra, 'UNKNOWN');
        if (kind !== 'PORTAL' && !isOwnOrigin(request, allowedOrigins)) {
          return closeForCredential(extra, 'ORIGIN_NOT_ALLOWED');
        }
        // The client disconnected during authentication.
        if (socket.readyState !== socket.OPEN) return false;
        request.socket.once('close', services.openCounts.countAuthenticatedSocket(authenticated.caller));
        const watch = new CredentialWatch(services, authenticated, asOf);
        watch.signal.addEventListener('abort', () => {
          if (watch.end !== null) closeForCredential(extra, watch.end);
          else if (watch.fault !== null) closeFor(extra, watch.fault);
        });
        extra.watch = watch;
        return true;
      } catch (error) {
        const end = credentialEnd(error);
        return end === null ? closeFor(extra, error) : closeForCredential(extra, end);
      }
    },

    onClose: ({ extra }) => extra.watch?.close(),
    onError: (_context, _id, _payload, errors) => errors.map(formatError),
    onNext: (_context, _id, _payload, _args, result) =>
      result.errors && ({ ...result, errors: result.errors.map(formatError) } as FormattedExecutionResult),

    async onSubscribe({ extra, subscriptions }, id, { query, variables, operationName: givenName, extensions }) {
      const operationName = operationNameOf(givenName);
      const { request, watch } = extra;
      if (watch === undefined) throw new Error('an operation arrived before its connection was accepted');
      if (Object.keys(subscriptions).length > OPERATIONS_MAX) {
        const message = `This socket runs ${OPERATIONS_MAX} operations at once; at most ${OPERATIONS_MAX} are accepted.`;
        return [masked(new RequestError('RATE_LIMITED', message))];
      }
      const refusal = checkPersistedQuery({ query, extensions });
      if (refusal !== null) return [masked(refusal)];
      try {
        const caller = await watch.revalidatedCaller();
        if (caller.kind === 'PORTAL') services.rateLimits.attemptPortalRequest(caller.subjectId);
        const params = { query, variables: variables ?? {}, operationName };
        const enveloped = graphql.getEnveloped({ req: request, params } as never);
        const document = enveloped.parse(query);
        const errors = enveloped.validate(enveloped.schema, document);
        if (errors.length > 0) return errors;
        const openWatch = () => watch;
        const about = { address: clientAddress(request, proxies), requestId: currentRequestId(), caller };
        // A group executes events with a context of its own.
        const ofGroup = createContext(services, { ...about, subscription: new SubscriptionState({ openWatch }) });
        const operation = { id, document, ...params };
        const shared = createSharedSubscription(broadcast, enveloped.schema, extra, operation, ofGroup);
        const subscription = new SubscriptionState({ openWatch, shared });
        const socketContext = createContext(services, { ...about, subscription });
        return {
          schema: enveloped.schema,
          document,
          operationName,
          variableValues: variables ?? undefined,
          contextValue: await enveloped.contextFactory({ socketContext } as never),
          rootValue: { execute: enveloped.execute, subscribe: enveloped.subscribe },
        } as never;
      } catch (error) {
        return [masked(error)];
      }
    },
  };

  /**
   * Closes the socket after an error that says nothing about the credential: with 1013 if a retry may help, else with
   * 4500 and a log entry.
   */
  function closeFor({ socket }: SocketState, error: unknown): false {
    const isTransient = isUnavailable(error) || (error instanceof RequestError && error.code === 'RATE_LIMITED');
    if (isTransient) socket.close(TRY_AGAIN_LATER, error instanceof RequestError ? error.code : 'UNAVAILABLE');
    else {
      logger.error({ err: error, requestId: currentRequestId() }, 'authentication failed');
      socket.close(CloseCode.InternalServerError, 'Internal server error');
    }
    return false;
  }
}

type Executed = ReturnType<NonNullable<ServerOptions['execute']>>;
type Subscribed = ReturnType<NonNullable<ServerOptions['subscribe']>>;

interface EnvelopedArgs extends ExecutionArgs {
  readonly rootValue: { execute(args: ExecutionArgs): Executed; subscribe(args: ExecutionArgs): Subscribed };
}

/** Formats an error for a socket: without the extension `http`, which is only for the status of an HTTP response. */
function formatError(error: GraphQLError): GraphQLFormattedError {
  const { http: _, ...extensions } = error.extensions;
  return { ...error.toJSON(), extensions };
}

/**
 * Sent if the credential is missing or malformed, or no session has it. A close frame has 123 bytes for its reason (RFC
 * 6455, section 5.5).
 */
const EXPECTED_PARAMS = 'expected connectionParams { authorization: "Bearer <valid session token or key secret>" }';

function closeForCredential({ socket }: SocketState, end: CredentialEnd): false {
  const reason = end === 'UNKNOWN' ? `${end}: ${EXPECTED_PARAMS}` : end;
  socket.close(permanentEnds.has(end) ? CloseCode.Unauthorized : CloseCode.Forbidden, reason);
  return false;
}

/** Turns the error that ends a stream into a last result with `errors`, as over HTTP. */
function endWithErrors(result: Awaited<Subscribed>, masked: (error: unknown) => GraphQLError): Awaited<Subscribed> {
  if (!(Symbol.asyncIterator in result)) {
    return result.errors === undefined ? result : { ...result, errors: result.errors.map(masked) };
  }
  const results = result[Symbol.asyncIterator]();
  let isOver = false;
  return makeInterruptible(
    async () => {
      if (isOver) return { done: true, value: undefined };
      try {
        return await results.next();
      } catch (error) {
        isOver = true;
        const errors = [error instanceof GraphQLError ? error : masked(error)];
        return { done: false, value: { errors } as ExecutionResult };
      }
    },
    async () => results.return?.(),
  );
}
