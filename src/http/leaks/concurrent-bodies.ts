import type { IncomingMessage } from 'node:http';
import { unavailable } from '../../domain/request-error.ts';
import { readBody } from '../request-body.ts';

/** How many bodies a node reads at once that nobody has been proved to have sent. */
const CONCURRENT_BODIES_MAX = 8;

/** Reads one, of at most that many bytes. Null: it is larger, or its sender went away. */
export type BodyReader = (request: IncomingMessage, limit: number) => Promise<Buffer | null>;

/**
 * Reads a few bodies at once. When one more comes, the one that has been at it for the longest gives way, and is to come again
 * (UNAVAILABLE): who sends slowly, or never ends, keeps nobody else out.
 */
export function createBodyReader(): BodyReader {
  const reading = new Set<AbortController>();
  return async (request, limit) => {
    const [longest] = reading;
    if (longest !== undefined && reading.size >= CONCURRENT_BODIES_MAX) {
      reading.delete(longest);
      longest.abort();
    }
    const turn = new AbortController();
    reading.add(turn);
    const body = await readBody(request, limit, turn.signal);
    reading.delete(turn);
    if (body === null && turn.signal.aborted)
      throw unavailable('Too many reports are coming in at once; send it again.');
    return body;
  };
}
