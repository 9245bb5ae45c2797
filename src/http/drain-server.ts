import type { Server } from 'node:http';
import type { Clock } from '../store/clock.ts';

/** How a server came to its end: with every answer given, or with connections cut at the limit. */
export type DrainOutcome = 'FINISHED' | 'CUT_SHORT';

/**
 * Stops a server made by `createHttpServer`: it listens no more, idle connections close, and running requests finish, at
 * most until the limit. WebSockets are the caller's to close; a server with one open has not finished, and at the limit
 * only HTTP connections are cut.
 */
export async function drainServer(
  server: Server,
  { clock, limitMs }: { readonly clock: Clock; readonly limitMs: number },
): Promise<DrainOutcome> {
  const end = Promise.withResolvers<DrainOutcome>();
  // A server that does not listen tells so here; there is nothing to wait for then.
  server.close(() => end.resolve('FINISHED'));
  const cancel = clock.after(limitMs, () => {
    server.closeAllConnections();
    end.resolve('CUT_SHORT');
  });
  return await end.promise.finally(cancel);
}
