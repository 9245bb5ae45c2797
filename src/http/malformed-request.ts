import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { problemDetails } from './responses.ts';

/** What Node's parser and timers call the ways in which bytes are no request; the rest is 400. */
const parserErrors: { readonly [code: string]: readonly [number, string] } = {
  HPE_HEADER_OVERFLOW: [431, 'The head of the request is too large; 16 kB and 100 headers are accepted.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunk extensions of the request are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive; 10 s are accepted for its head, 30 s in all.'],
};

/**
 * Answers bytes that are no request with problem details, written by hand as there is no response to write to, and closes
 * the connection. Gives the status; null when nothing could be said, because the other side is gone or in the middle of
 * another answer.
 */
export function rejectMalformedRequest(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  headers: { readonly [name: string]: string },
  isAnswering: boolean,
): number | null {
  if (isAnswering || !socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return null;
  }
  const [status, detail] = parserErrors[error.code ?? ''] ?? [400, 'The bytes that arrived are no HTTP request.'];
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
