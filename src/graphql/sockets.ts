import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols, makeServer } from 'graphql-ws';
import type { Logger } from 'pino';
import { WebSocketServer } from 'ws';
import { RequestError } from '../domain/request-error.ts';
import { connectionsOf } from '../http/connections.ts';
import { clientAddress, type TrustedProxies } from '../http/client-address.ts';
import { isOwnOrigin } from '../http/cors.ts';
import { GRAPHQL_BODY_MAX } from '../http/graphql-route.ts';
import { findHeadProblem } from '../http/read-request.ts';
import { RequestIds } from '../http/request-ids.ts';
import type { Services } from './context.ts';
import type { GraphqlServer } from './graphql-server.ts';
import { serveSocket } from './serve-socket.ts';
import { socketOperations } from './socket-operations.ts';

/** How long a client has to answer the close frame before its socket is destroyed. */
const CLOSE_TIMEOUT_MS = 5_000;

/** WebSocket close code Service Restart (IANA registry): clients reconnect, to this node or another. */
const SERVICE_RESTART = 1012;

export interface SocketOptions {
  readonly proxies: TrustedProxies;
  readonly allowedOrigins: readonly string[];
  readonly logger: Logger;
  /** The interval of pings, in ms. */
  readonly pingMs?: number;
}

export interface Sockets {
  /** Returns how many sockets are open. */
  count(): number;
  /** Refuses new sockets and closes the open ones with 1012, after which clients reconnect by themselves. */
  close(): Promise<void>;
}

/**
 * Accepts GraphQL over WebSocket (graphql-transport-ws) at /graphql. A socket is authenticated by its connectionParams, or
 * without them by the cookie of the console.
 * It closes with 4401 when that credential has ended for good, with 4403 when the client must come back with a fresh
 * one, and with 1012 at a restart. An address at its limit of sockets gets HTTP 429 instead of an upgrade.
 */
export function acceptSockets(
  http: Server,
  graphql: GraphqlServer,
  services: Services,
  options: SocketOptions,
): Sockets {
  const wss = new WebSocketServer({ noServer: true, maxPayload: GRAPHQL_BODY_MAX, handleProtocols });
  const server = makeServer(socketOperations(graphql, services, options));
  const ids = new RequestIds(services.random);
  let isClosing = false;
  connectionsOf(http).onUpgrade((request, socket, head) => {
    const refusal = isClosing ? '503 Service Unavailable' : upgradeRefusal(request);
    if (refusal !== null) return refuseUpgrade(socket, refusal);
    if (isOwnOrigin(request, options.allowedOrigins)) return open(request, socket, head);
    // A page of another origin may only send the token of a portal session.
    const stopWaiting = () => socket.destroy();
    socket.once('error', stopWaiting);
    void services.portalOrigins.has(request.headers.origin ?? '').then((isKnown) => {
      socket.off('error', stopWaiting);
      if (socket.destroyed) return;
      if (isKnown && !isClosing) open(request, socket, head);
      else refuseUpgrade(socket, '403 Forbidden');
    });
  });
  function open(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    try {
      // The socket counts until the TCP connection closes, whether or not the WebSocket handshake succeeds.
      socket.once('close', services.openCounts.countSocket(clientAddress(request, options.proxies)));
    } catch (error) {
      const { retryAfter } = (error as RequestError).details;
      return refuseUpgrade(socket, `429 Too Many Requests\r\nRetry-After: ${String(retryAfter)}`);
    }
    wss.handleUpgrade(request, socket, head, (opened) => serveSocket(server, opened, request, { ...options, ids }));
  }
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

/** Returns the HTTP status that refuses an upgrade, or null. The headers are checked as those of any request. */
function upgradeRefusal(request: IncomingMessage): string | null {
  if ((request.url ?? '').split('?')[0] !== '/graphql') return '404 Not Found';
  const problem = findHeadProblem(request);
  return problem === null ? null : `${String(problem.status)} ${STATUS_CODES[problem.status] ?? ''}`;
}

function refuseUpgrade(socket: Duplex, status: string): void {
  // Node hands the connection of an upgrade over to us: an unhandled error on it would end the process, and without
  // destroy it would stay open as long as its peer does.
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
