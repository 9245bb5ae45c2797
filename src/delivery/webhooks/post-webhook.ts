import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { pinnedLookup } from '../../outbound/pinned-lookup.ts';

/** How much of an answer is read, to let the receiver end it; all of it is thrown away. */
const RESPONSE_MAX_BYTES = 64_000;

/** What is said of a receiver that took too long. */
export const TIMEOUT_ERROR = 'The receiver did not answer in time.';

/** What came of a request: an answer, whose status alone counts, or why there was none. */
export type WebhookResponse =
  | { readonly status: number; readonly retryAfter: string | undefined }
  | { readonly status: null; readonly error: string };

export interface WebhookRequest {
  readonly url: string;
  /** Where the name was found to be: it is asked for no more. */
  readonly addresses: readonly string[];
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  /** Aborts when it has taken too long. */
  readonly signal: AbortSignal;
}

/**
 * Posts a body to one of those addresses, on a connection of its own, and follows no redirect. The name stays what the
 * certificate and the Host header speak of. Never rejects.
 */
export function postWebhook({ url, addresses, headers, body, signal }: WebhookRequest): Promise<WebhookResponse> {
  const { request } = url.startsWith('https:') ? https : http;
  const bytes = Buffer.from(body);
  return new Promise((resolve) => {
    const sent = request(url, {
      method: 'POST',
      agent: false,
      signal,
      lookup: pinnedLookup(addresses),
      headers: { ...headers, 'content-length': String(bytes.length) },
    });
    // Once the status is known it counts, whatever becomes of the rest of the answer.
    let answered: WebhookResponse | null = null;
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code === undefined ? '' : ` (${error.code})`;
      const found = signal.aborted ? TIMEOUT_ERROR : `The connection failed${code}.`;
      resolve(answered ?? { status: null, error: found });
    });
    sent.on('response', (answer) => {
      const known: WebhookResponse = { status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'] };
      answered = known;
      discardResponse(answer, () => {
        sent.destroy();
        resolve(known);
      });
    });
    sent.end(bytes);
  });
}

/** Reads to the end, to the limit, or to the end of time, whichever is first. */
function discardResponse(answer: IncomingMessage, onEnd: () => void): void {
  let size = 0;
  answer.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > RESPONSE_MAX_BYTES) answer.destroy();
  });
  answer.on('error', () => undefined);
  answer.on('close', onEnd);
}
