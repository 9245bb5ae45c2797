import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/**
 * How much more than the limit is read of a body that is too large, and thrown away, so that its sender gets to read the
 * answer; then the connection is cut. In bytes.
 */
const DISCARDED_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Reads a body of at most that many bytes, whether its length was announced or it comes in chunks. Null: it is larger, or was
 * given up (and the rest is thrown away as it comes), or the sender went away.
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
    const giveUp = () => {
      request.off('data', keep);
      chunks.length = 0;
      discardBody(request);
      resolve(null);
    };
    const keep = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else giveUp();
    };
    request.on('data', keep);
    signal?.addEventListener('abort', giveUp, { once: true });
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

/** Gives a body that was read to a handler that is not ours, as body parsers do: Yoga takes `request.body` over the stream. */
export function attachBody(request: IncomingMessage & { body?: Readable }, body: Buffer): void {
  request.body = Readable.from(body.length === 0 ? [] : [body], { objectMode: false });
}

/** The bytes of a body that the server has read. */
export async function readAttachedBody(request: IncomingMessage & { body?: Readable }): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request.body ?? []) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
