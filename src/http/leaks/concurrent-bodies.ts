import type { IncomingMessage } from 'node:http';
import { unavailable } from '../../domain/request-error.ts';
import { readBody } from '../request-body.ts';

/** How many bodies a node reads at once before their signatures are verified. */
const CONCURRENT_BODIES_MAX = 8;

/** Reads a body of at most `limit` bytes. Returns null when it is larger, or when its sender disconnects. */
export type BodyReader = (request: IncomingMessage, limit: number) => Promise<Buffer | null>;

/**
 * Returns a reader that limits how many bodies are read at once. At the limit, a new request aborts the oldest read
 * with UNAVAILABLE, so that its sender retries: slow and endless bodies (slowloris) cannot keep other senders out.
 */
export function createBodyReader(): BodyReader {
  const reading = new Set<AbortController>();
  return async (request, limit) => {
    const [oldest] = reading;
    if (oldest !== undefined && reading.size >= CONCURRENT_BODIES_MAX) {
      reading.delete(oldest);
      oldest.abort();
    }
    const controller = new AbortController();
    reading.add(controller);
    const body = await readBody(request, limit, controller.signal);
    reading.delete(controller);
    if (body === null && controller.signal.aborted)
      throw unavailable('Too many reports are arriving at once; send this one again.');
    return body;
  };
}
