import type { Server } from 'node:http';
import type { Clock } from '../store/clock.ts';

/** FINISHED: every response was sent. CUT_SHORT: connections were closed at the limit. */
export type DrainOutcome = 'FINISHED' | 'CUT_SHORT';

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
  const cancel = clock.after(limitMs, () => {
    server.closeAllConnections();
    end.resolve('CUT_SHORT');
  });
  return await end.promise.finally(cancel);
}
