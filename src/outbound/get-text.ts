import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { pinnedLookup } from './pinned-lookup.ts';

/** A request for a document. */
export interface GetTextOptions {
  readonly url: string;
  /** The checked addresses of the host, which are used without another lookup. Default: the host is resolved. */
  readonly addresses?: readonly string[];
  readonly maxBytes: number;
  /** Aborts the request when its time is over. */
  readonly signal: AbortSignal;
}

/**
 * Returns the text of a JSON document, over a new connection. Follows no redirect, and reads at most `maxBytes`.
 *
 * @throws Error for a status other than 200, a response that is too large, and a request that was aborted.
 */
export function getText({ url, addresses, maxBytes, signal }: GetTextOptions): Promise<string> {
  const { request } = url.startsWith('https:') ? https : http;
  const headers = { accept: 'application/json', 'user-agent': 'keytide' };
  return new Promise((resolve, reject) => {
    const lookup = addresses === undefined ? {} : { lookup: pinnedLookup(addresses) };
    const outgoing = request(url, { agent: false, signal, headers, ...lookup });
    outgoing.on('error', (error) => reject(signal.aborted ? new Error('The request timed out.') : error));
    outgoing.on('response', (response) => {
      readAll(response, maxBytes)
        .then(resolve, reject)
        .finally(() => outgoing.destroy());
    });
    outgoing.end();
  });
}

async function readAll(response: IncomingMessage, maxBytes: number): Promise<string> {
  if (response.statusCode !== 200) throw new Error(`The response has status ${response.statusCode}; expected 200.`);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`The response is larger than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
