import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/**
 * How many bytes of the rest of a body that is too large are read and discarded, so that its sender can read the
 * response. After that the connection is closed.
 */
const DISCARDED_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Reads a body of at most `limit` bytes, with a Content-Length or chunked. Returns null when the body is larger, when
 * the signal aborts (the rest is then discarded as it arrives), or when the sender disconnects.
 */
export async function readBody(request: IncomingMessage, limit: number, signal?: AbortSignal): Promise<Buffer | null> {
  if (Number(request.headers['content-length'] ?? 0) > limit) {
    discardBody(request);
    return null;
  }
  if (request.destroyed) return null;
  const chunks: Buffer[] = [];
  let size = 0;
  return await new Promise((resolve) => {
    const stop = () => {
      request.off('data', collect);
      chunks.length = 0;
      discardBody(request);
      resolve(null);
    };
    const collect = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else stop();
    };
    request.on('data', collect);
    signal?.addEventListener('abort', stop, { once: true });
    request.once('end', () => resolve(Buffer.concat(chunks, size)));
    request.once('close', () => resolve(null));
  });
}

function discardBody(request: IncomingMessage): void {
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > DISCARDED_BYTES_MAX) request.socket.destroy();
  });
}

/**
 * Attaches a body that was read to its request, as body parsers do, for handlers of libraries: Yoga prefers
 * `request.body` to the stream.
 */
export function attachBody(request: IncomingMessage & { body?: Readable }, body: Buffer): void {
  request.body = Readable.from(body.length === 0 ? [] : [body], { objectMode: false });
}

/** Returns the bytes of the body that the server has attached to a request. Without a body they are empty. */
export async function readAttachedBody(request: IncomingMessage & { body?: Readable }): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request.body ?? []) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
