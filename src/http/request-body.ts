import { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/**
 * How many bytes of the rest of a body that is too large are read and discarded, so that its sender can read the
 * response. After that the connection is closed.
 */
const DISCARDED_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Collects a body of at most `limit` bytes, with a Content-Length or chunked, and passes it on once. Passes null when the
 * body is larger, when the signal aborts (the rest is then discarded as it arrives), or when the sender disconnects.
 */
export function collectBody(
  request: IncomingMessage,
  limit: number,
  onCollected: (body: Buffer | null) => void,
  signal?: AbortSignal,
): void {
  if (Number(request.headers['content-length'] ?? 0) > limit) {
    discardBody(request);
    return onCollected(null);
  }
  if (request.destroyed) return onCollected(null);
  const chunks: Buffer[] = [];
  let size = 0;
  let isOver = false;
  const finish = (body: Buffer | null) => {
    if (isOver) return;
    isOver = true;
    onCollected(body);
  };
  const stop = () => {
    request.off('data', collect);
    chunks.length = 0;
    discardBody(request);
    finish(null);
  };
  const collect = (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    else stop();
  };
  request.on('data', collect);
  signal?.addEventListener('abort', stop, { once: true });
  request.on('end', () => {
    const [first] = chunks;
    finish(first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks, size));
  });
  request.on('close', () => finish(null));
}

/** Reads a body as `collectBody` does. */
export function readBody(request: IncomingMessage, limit: number, signal?: AbortSignal): Promise<Buffer | null> {
  return new Promise((resolve) => collectBody(request, limit, resolve, signal));
}

function discardBody(request: IncomingMessage): void {
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > DISCARDED_BYTES_MAX) request.socket.destroy();
  });
}

/** Where a request has the body that the server has read. */
const bodyKey = Symbol('body');

type ReadRequest = IncomingMessage & { [bodyKey]?: Buffer };

/** Attaches a body that was read to its request, for its handler. */
export function attachBody(request: ReadRequest, body: Buffer): void {
  request[bodyKey] = body;
}

/** Returns the bytes of the body that the server has attached to a request. Without a body they are empty. */
export function readAttachedBody(request: ReadRequest): Buffer {
  return request[bodyKey] ?? Buffer.alloc(0);
}

/**
 * A request of the gateway. It offers the attached body to handlers of libraries as body parsers do: Yoga prefers
 * `request.body` to the stream, which has been read.
 */
export class GatewayRequest extends IncomingMessage {
  #body: Readable | null = null;

  get body(): Readable {
    const body = readAttachedBody(this);
    return (this.#body ??= Readable.from(body.length === 0 ? [] : [body], { objectMode: false }));
  }
}
