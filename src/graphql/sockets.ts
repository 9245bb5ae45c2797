import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols, makeServer } from 'graphql-ws';
import type { Logger } from 'pino';
import { WebSocketServer } from 'ws';
import { RequestError } from '../domain/request-error.ts';
import { clientAddress, type TrustedProxies } from '../http/client-address.ts';
import { GRAPHQL_BODY_MAX } from '../http/graphql-route.ts';
import type { Services } from './context.ts';
import type { GraphqlServer } from './graphql-server.ts';
import { serveSocket } from './serve-socket.ts';
import { socketOperations } from './socket-operations.ts';

/** How long a client has to answer that its socket closes; who is gone never does. */
const CLOSE_TIMEOUT_MS = 5_000;

/** RFC 6455, section 7.4, as registered with IANA: come back, to this node or another. */
const SERVICE_RESTART = 1012;

export interface SocketOptions {
  readonly proxies: TrustedProxies;
  readonly allowedOrigins: readonly string[];
  readonly logger: Logger;
  /** How often a client is asked whether it is there, in ms. */
  readonly pingMs?: number;
}

export interface Sockets {
  /** How many are open. */
  count(): number;
  /** Closes all, as before a restart: clients come back by themselves. */
  close(): Promise<void>;
}

/**
 * GraphQL over WebSocket (graphql-transport-ws) at /graphql. A socket speaks for the credential of its connectionParams,
 * and closes with a reason when that ends: 4401 when it is gone for good, 4403 when a fresh one is needed, 1012 at a
 * restart. An address that has as many open as may be is answered 429 before there is one more.
 */
export function acceptSockets(
  http: Server,
  graphql: GraphqlServer,
  services: Services,
  options: SocketOptions,
): Sockets {
  const wss = new WebSocketServer({ noServer: true, maxPayload: GRAPHQL_BODY_MAX, handleProtocols });
  const server = makeServer(socketOperations(graphql, services, options));
  let isClosing = false;
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refusal = isClosing ? '503 Service Unavailable' : upgradeRefusal(request, options);
    if (refusal !== null) return refuseUpgrade(socket, refusal);
    try {
      // As long as the connection is there, however the socket on it ends, or never comes to be.
      socket.once('close', services.openCounts.countSocket(clientAddress(request, options.proxies)));
    } catch (error) {
      const { retryAfter } = (error as RequestError).details;
      return refuseUpgrade(socket, `429 Too Many Requests\r\nRetry-After: ${String(retryAfter)}`);
    }
    wss.handleUpgrade(request, socket, head, (opened) =>
      serveSocket(server, opened, request, { ...options, random: services.random }),
    );
  });
  return {
    count: () => wss.clients.size,
    async close() {
      isClosing = true;
      for (const client of wss.clients) client.close(SERVICE_RESTART, 'Service restart');
      const cancel = services.clock.after(CLOSE_TIMEOUT_MS, () => {
        for (const client of wss.clients) client.terminate();
      });
      await new Promise<void>((resolve) => wss.close(() => resolve()));
      cancel();
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

function refuseUpgrade(socket: Duplex, status: string): void {
  // Nobody else listens to a connection that asked for an upgrade: an error of one that is gone would end the process, and one
  // whose peer does not hang up would stay.
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
