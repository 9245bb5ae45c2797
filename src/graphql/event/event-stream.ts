import type { ServerResponse } from 'node:http';
import type { Plugin } from 'graphql-yoga';

/** How long after the first probe of a half-closed connection the second one is sent. */
const SECOND_PROBE_MS = 1_000;

/**
 * Sends event streams so that intermediaries pass each event on at once: nginx does not buffer them
 * (`X-Accel-Buffering: no`), and they have no Content-Encoding, as `none` is not an encoding (RFC 9110, section 8.4.1).
 * A client that closed its sending side goes on receiving; a client that is gone is noticed within a second.
 */
export function useEventStream(): Plugin<object, { readonly res?: ServerResponse }> {
  return {
    onResponse({ response, serverContext }) {
      if (response.headers.get('content-type') !== 'text/event-stream') return;
      // The server decides whether the connection is reused after the stream.
      for (const name of ['content-encoding', 'connection']) response.headers.delete(name);
      response.headers.set('X-Accel-Buffering', 'no');
      if (serverContext?.res !== undefined) probeWhenHalfClosed(serverContext.res);
    },
  };
}

/**
 * Writes a comment when the client closes its sending side, and another one a second later. A client that still reads
 * and a client that is gone both close their sending side in the same way. If the client is gone, its system refuses
 * the first comment, and the second one fails. Uses a real timer: this is about the network, not the clock.
 */
function probeWhenHalfClosed(response: ServerResponse): void {
  const probe = () => {
    if (response.headersSent && !response.writableEnded && !response.destroyed) response.write(':\n');
  };
  const end = () => {
    probe();
    const timer = setTimeout(probe, SECOND_PROBE_MS).unref();
    response.once('close', () => clearTimeout(timer));
  };
  const { socket } = response;
  if (socket === null || response.closed) return;
  if (socket.readableEnded) return end();
  socket.once('end', end);
  response.once('close', () => socket.off('end', end));
}
