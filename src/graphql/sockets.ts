import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { CloseCode, type ServerOptions } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import type { ExecutionArgs } from 'graphql';
import { WebSocketServer, type WebSocket } from 'ws';
import { authenticate, credentialEnd, type CredentialEnd } from '../accounts/authenticate.ts';
import { clientAddress, type TrustedProxies } from '../http/client-address.ts';
import { GRAPHQL_BODY_MAX } from '../http/graphql-route.ts';
import { requestIdOf } from '../http/server.ts';
import type { Services } from './context.ts';
import { CredentialWatch } from './credential-watch.ts';
import { inRequest } from './request-scope.ts';
import { createContext, type GraphqlServer } from './server.ts';

export interface SocketOptions {
  readonly proxies: TrustedProxies;
  readonly allowedOrigins: readonly string[];
}

/** The socket's side of the credential, kept by graphql-ws for each socket. */
interface Extra {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  watch?: CredentialWatch;
}

export interface Sockets {
  /** How many are open. */
  count(): number;
  /** Closes all, as before a restart: clients come back by themselves. */
  close(): Promise<void>;
}

/** Credentials that are gone for good: coming back with the same is of no use. */
const gone: ReadonlySet<CredentialEnd> = new Set(['UNKNOWN', 'KEY_UNKNOWN', 'KEY_REVOKED', 'ACCOUNT_DISABLED']);

/**
 * GraphQL over WebSocket (graphql-transport-ws) at /graphql. A socket speaks for the credential of its connectionParams,
 * and closes with a reason when that ends: 4401 when it is gone for good, 4403 when a fresh one is needed, 1012 at a
 * restart.
 */
export function acceptSockets(
  http: Server,
  graphql: GraphqlServer,
  services: Services,
  options: SocketOptions,
): Sockets {
  const wss = new WebSocketServer({ noServer: true, maxPayload: GRAPHQL_BODY_MAX });
  const server = useServer(socketHandlers(graphql, services, options), wss);
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refusal = upgradeRefusal(request, options);
    if (refusal !== null) return void socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\n\r\n`);
    wss.handleUpgrade(request, socket, head, (opened) => wss.emit('connection', opened, request));
  });
  return {
    count: () => wss.clients.size,
    async close() {
      for (const client of wss.clients) client.close(1012, 'Service restart');
      await server.dispose();
    },
  };
}

/** Browsers say whose page opens a socket; a page that is not ours or allowed gets none. */
function upgradeRefusal({ url, headers }: IncomingMessage, { allowedOrigins }: SocketOptions): string | null {
  if ((url ?? '').split('?')[0] !== '/graphql') return '404 Not Found';
  const { origin, host } = headers;
  const isOurs = origin === undefined || origin === `http://${host}` || origin === `https://${host}`;
  return isOurs || allowedOrigins.includes(origin) ? null : '403 Forbidden';
}

function socketHandlers(
  graphql: GraphqlServer,
  services: Services,
  { proxies }: SocketOptions,
): ServerOptions<Record<string, unknown>, Extra> {
  return {
    execute: (args) => (args as EnvelopedArgs).rootValue.execute(args),
    subscribe: (args) => (args as EnvelopedArgs).rootValue.subscribe(args),
    async onConnect({ extra, connectionParams }) {
      const { socket, request } = extra;
      const address = clientAddress(request, proxies);
      const given = connectionParams?.['authorization'] ?? connectionParams?.['Authorization'];
      const authorization = typeof given === 'string' ? given : null;
      try {
        const authenticated = await authenticate(services, authorization, address);
        if (authenticated.caller.kind === 'ANONYMOUS') return closeWith(socket, 'UNKNOWN');
        const watch = new CredentialWatch(services, { authorization, address, authenticated });
        extra.watch = watch;
        watch.signal.addEventListener('abort', () => closeWith(socket, watch.end ?? 'UNKNOWN'));
        return true;
      } catch (error) {
        const end = credentialEnd(error);
        if (end === null) throw error;
        return closeWith(socket, end);
      }
    },
    onDisconnect: ({ extra }) => extra.watch?.close(),
    async onSubscribe({ extra }, _id, { query, variables, operationName }) {
      const { request, watch } = extra;
      if (watch === undefined) throw new Error('a subscription before its connection');
      const requestId = requestIdOf(request, services.random);
      const address = clientAddress(request, proxies);
      const authenticated = { caller: watch.caller, endsAt: null };
      const socketContext = createContext(services, { address, requestId, authenticated }, () => watch);
      return inRequest(requestId, async () => {
        const params = { query, variables: variables ?? {}, operationName: operationName ?? undefined };
        const enveloped = graphql.getEnveloped({ req: request, socketContext, params } as never);
        const document = enveloped.parse(query);
        const errors = enveloped.validate(enveloped.schema, document);
        if (errors.length > 0) return errors;
        return {
          schema: enveloped.schema,
          document,
          operationName: operationName ?? undefined,
          variableValues: variables ?? undefined,
          contextValue: await enveloped.contextFactory(),
          rootValue: { execute: enveloped.execute, subscribe: enveloped.subscribe },
        } as never;
      });
    },
  };
}

interface EnvelopedArgs extends ExecutionArgs {
  readonly rootValue: {
    execute(args: ExecutionArgs): ReturnType<NonNullable<ServerOptions['execute']>>;
    subscribe(args: ExecutionArgs): ReturnType<NonNullable<ServerOptions['subscribe']>>;
  };
}

function closeWith(socket: WebSocket, end: CredentialEnd): false {
  socket.close(gone.has(end) ? CloseCode.Unauthorized : CloseCode.Forbidden, end);
  return false;
}
