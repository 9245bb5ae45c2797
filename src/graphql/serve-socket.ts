import type { IncomingMessage } from 'node:http';
import { CloseCode, type Server } from 'graphql-ws';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import { requestIdOf } from '../http/http-server.ts';
import type { Random } from '../store/random.ts';
import { currentRequestId, runInRequest } from './request-scope.ts';
import type { CredentialWatch } from './credential-watch.ts';

/** How often a client is asked whether it is there; one that has not answered by the next time is gone. */
const PING_MS = 12_000;

/** What is kept for each socket. */
export interface SocketState {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  watch?: CredentialWatch;
}

export interface SocketServices {
  readonly random: Random;
  readonly logger: Logger;
  readonly pingMs?: number | undefined;
}

/**
 * Serves one socket: its messages go to the protocol, each as a request of its own id, what is sent waits until the one
 * before is written, and a fault of ours is logged and closes the socket without saying more.
 */
export function serveSocket(
  server: Server<SocketState>,
  socket: WebSocket,
  request: IncomingMessage,
  { random, logger, pingMs = PING_MS }: SocketServices,
): void {
  const fail = (error: unknown) => {
    logger.error({ err: error, requestId: currentRequestId() }, 'a socket failed');
    socket.close(CloseCode.InternalServerError, 'Internal server error');
  };
  // Bytes that are no WebSocket, or too many: the socket has closed by itself, with the code that says so.
  socket.on('error', ({ message }) => logger.debug(`A socket was closed: ${message}`));
  keepAlive(socket, pingMs);
  const closed = server.opened(
    {
      protocol: socket.protocol,
      send: (text) =>
        new Promise((resolve) => {
          if (socket.readyState !== socket.OPEN) return resolve();
          // Whether it could be written or the socket has broken: that comes as its close.
          socket.send(text, () => resolve());
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (handle) =>
        socket.on('message', (data) => {
          void runInRequest(requestIdOf(request, random), () => handle(String(data)).catch(fail));
        }),
    },
    { socket, request },
  );
  socket.once('close', (code, reason) => void closed(code, String(reason)).catch(fail));
}

/** By the machine's own timers: whether a network answers has nothing to do with what time it is. */
function keepAlive(socket: WebSocket, pingMs: number): void {
  let hasAnswered = true;
  socket.on('pong', () => (hasAnswered = true));
  const timer = setInterval(() => {
    if (hasAnswered) {
      hasAnswered = false;
      if (socket.readyState === socket.OPEN) socket.ping();
      return;
    }
    // A process that stood still finds its timers first, and then the answers that have been there for long.
    setImmediate(() => {
      if (!hasAnswered) socket.terminate();
    });
  }, pingMs).unref();
  socket.once('close', () => clearInterval(timer));
}
