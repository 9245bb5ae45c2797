import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { CloseCode, type Server } from 'graphql-ws';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { RequestIds } from '../http/request-ids.ts';
import { currentRequestId, runInRequest } from './request-scope.ts';
import type { CredentialWatch } from './credential-watch.ts';

/** The interval of pings. A client that has not answered by the next ping is disconnected. */
const PING_MS = 12_000;

/** WebSocket close code for a message that is not UTF-8 (RFC 6455, section 7.4.1). */
const INVALID_PAYLOAD = 1007;

/** The state of one socket. */
export interface SocketState {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  watch?: CredentialWatch;
}

export interface SocketServices {
  readonly ids: RequestIds;
  readonly logger: Logger;
  readonly pingMs?: number | undefined;
}

/**
 * Serves one socket with graphql-ws. Each message is handled as a request with its own id, each send resolves when it
 * is written (backpressure), and an internal error is logged and closes the socket with code 4500 and no details.
 */
export function serveSocket(
  server: Server<SocketState>,
  socket: WebSocket,
  request: IncomingMessage,
  { ids, logger, pingMs = PING_MS }: SocketServices,
): void {
  const fail = (error: unknown) => {
    logger.error({ err: error, requestId: currentRequestId() }, 'socket failed');
    socket.close(CloseCode.InternalServerError, 'Internal server error');
  };
  // Malformed or oversized frames: ws has already closed the socket with the right code.
  socket.on('error', ({ message }) => logger.debug({ cause: message }, 'socket closed after a protocol error'));
  keepAlive(socket, pingMs);
  const closed = server.opened(
    {
      protocol: socket.protocol,
      send: (text) =>
        new Promise((resolve) => {
          if (socket.readyState !== socket.OPEN) return resolve();
          // Resolves on failure too: a broken socket emits `close`.
          socket.send(text, () => resolve());
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (handle) =>
        socket.on('message', (data: Buffer, isBinary) => {
          // ws checks text frames; a binary frame may contain any bytes.
          if (isBinary && !isUtf8(data)) return socket.close(INVALID_PAYLOAD, 'The message is not UTF-8.');
          void runInRequest(ids.of(request), () => handle(String(data)).catch(fail));
        }),
    },
    { socket, request },
  );
  socket.once('close', (code, reason) => void closed(code, String(reason)).catch(fail));
}

/**
 * Pings the client and disconnects it when it does not answer. Uses real timers: this is about the network, not the
 * clock.
 */
function keepAlive(socket: WebSocket, pingMs: number): void {
  let hasAnswered = true;
  socket.on('pong', () => (hasAnswered = true));
  const timer = setInterval(() => {
    if (hasAnswered) {
      hasAnswered = false;
      if (socket.readyState === socket.OPEN) socket.ping();
      return;
    }
    // After the process has stalled, timers run before pending input: the pong may already wait to be read.
    setImmediate(() => {
      if (!hasAnswered) socket.terminate();
    });
  }, pingMs).unref();
  socket.once('close', () => clearInterval(timer));
}
