import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { pinnedLookup } from '../../outbound/pinned-lookup.ts';

/** How much of a response is read and discarded, so that the receiver can finish it. */
const RESPONSE_MAX_BYTES = 64_000;

/** The error of an attempt that exceeded its time limit. */
export const TIMEOUT_ERROR = 'The receiver did not answer in time.';

/** The result of a request: the status and Retry-After of the response, or why there was none. */
export type WebhookResponse =
  | { readonly status: number; readonly retryAfter: string | undefined }
  | { readonly status: null; readonly error: string };

export interface WebhookRequest {
  readonly url: string;
  /** The addresses that the SSRF guard approved. The host is not resolved again, which prevents DNS rebinding. */
  readonly addresses: readonly string[];
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  /** Aborts at the time limit. */
  readonly signal: AbortSignal;
}

/**
 * Posts a body to one of the approved addresses, on a new connection, without following redirects. The certificate and
 * the Host header are still those of the URL's host. Never rejects.
 */
export function postWebhook({ url, addresses, headers, body, signal }: WebhookRequest): Promise<WebhookResponse> {
  const { request } = url.startsWith('https:') ? https : http;
  const bytes = Buffer.from(body);
  return new Promise((resolve) => {
    const outgoing = request(url, {
      method: 'POST',
      agent: false,
      signal,
      lookup: pinnedLookup(addresses),
      headers: { ...headers, 'content-length': String(bytes.length) },
    });
    // Once the status is known it counts, even if the rest of the response fails.
    let received: WebhookResponse | null = null;
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code === undefined ? '' : ` (${error.code})`;
      const message = signal.aborted ? TIMEOUT_ERROR : `The connection failed${code}.`;
      resolve(received ?? { status: null, error: message });
    });
    outgoing.on('response', (response) => {
      const result: WebhookResponse = { status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] };
      received = result;
      discardResponse(response, () => {
        outgoing.destroy();
        resolve(result);
      });
    });
    outgoing.end(bytes);
  });
}

/** Reads and discards a response up to its end, the size limit or the time limit, whichever comes first. */
function discardResponse(response: IncomingMessage, onEnd: () => void): void {
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > RESPONSE_MAX_BYTES) response.destroy();
  });
  response.on('error', () => undefined);
  response.on('close', onEnd);
}
