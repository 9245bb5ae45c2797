import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { problemDetails } from './responses.ts';

/** The status and detail for the error codes of Node's parser and timers. Every other code gets 400. */
const parserErrors: { readonly [code: string]: readonly [number, string] } = {
  HPE_HEADER_OVERFLOW: [431, 'The head of the request is too large; at most 16 kB and 100 headers are accepted.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunk extensions of the request are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [
    408,
    'The request took too long to arrive; at most 10 s are accepted for its head, and 30 s in all.',
  ],
};

/**
 * Sends problem details for bytes that are not an HTTP request, and closes the connection. The response is written to
 * the socket by hand, as Node has no response object for it. Returns the status, or null if nothing was sent because
 * the client is gone.
 */
export function rejectMalformedRequest(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  headers: { readonly [name: string]: string },
): number | null {
  if (!socket.writable) {
    socket.destroy();
    return null;
  }
  const [status, detail] = parserErrors[error.code ?? ''] ?? [400, 'The bytes received are not an HTTP request.'];
  const body = JSON.stringify(problemDetails(status, detail));
  const head = {
    ...headers,
    'Content-Type': 'application/problem+json; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
  };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
  return status;
}
