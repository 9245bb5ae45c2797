import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../store/clock.ts';

/** FINISHED: every response was sent. CUT_SHORT: connections were closed at the limit. */
export type DrainOutcome = 'FINISHED' | 'CUT_SHORT';

/** The open connections of each server. */
const connectionsOf = new WeakMap<Server, Set<Socket>>();

/** Remembers the open connections of a server, so that `drainServer` can close those that were never used. */
export function trackConnections(server: Server): void {
  const open = new Set<Socket>();
  connectionsOf.set(server, open);
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
}

/**
 * Stops a server made by `createHttpServer`: it stops listening, closes idle connections, and lets running requests
 * finish until the limit. The caller has to close WebSockets: an open WebSocket keeps the server from finishing, and
 * the limit closes HTTP connections only.
 */
export async function drainServer(
  server: Server,
  { clock, limitMs }: { readonly clock: Clock; readonly limitMs: number },
): Promise<DrainOutcome> {
  const end = Promise.withResolvers<DrainOutcome>();
  // A server that is not listening reports an error here: then there is nothing to wait for.
  server.close(() => end.resolve('FINISHED'));
  // Clients open connections in advance. Node does not count a connection without a request as idle: it would stay open
  // until the limit.
  for (const socket of connectionsOf.get(server) ?? []) if (socket.bytesRead === 0) socket.destroy();
  const cancel = clock.after(limitMs, () => {
    server.closeAllConnections();
    end.resolve('CUT_SHORT');
  });
  return await end.promise.finally(cancel);
}
