import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { pinnedLookup } from './pinned-lookup.ts';

/** What is asked for, and how much of it is taken. */
export interface GetTextOptions {
  readonly url: string;
  /** Where the name was found to be: it is asked for no more. Left out: wherever it is. */
  readonly addresses?: readonly string[];
  readonly maxBytes: number;
  /** Aborts when it has taken too long. */
  readonly signal: AbortSignal;
}

/**
 * The text of a document that is JSON, on a connection of its own. Follows no redirect, and reads no more than it has to.
 *
 * @throws Error for any answer but 200, one that is too large, and none in time.
 */
export function getText({ url, addresses, maxBytes, signal }: GetTextOptions): Promise<string> {
  const { request } = url.startsWith('https:') ? https : http;
  const headers = { accept: 'application/json', 'user-agent': 'keytide' };
  return new Promise((resolve, reject) => {
    const lookup = addresses === undefined ? {} : { lookup: pinnedLookup(addresses) };
    const asked = request(url, { agent: false, signal, headers, ...lookup });
    asked.on('error', (error) => reject(signal.aborted ? new Error('There was no answer in time.') : error));
    asked.on('response', (answer) => {
      readAll(answer, maxBytes)
        .then(resolve, reject)
        .finally(() => asked.destroy());
    });
    asked.end();
  });
}

async function readAll(answer: IncomingMessage, maxBytes: number): Promise<string> {
  if (answer.statusCode !== 200) throw new Error(`The answer has the status ${answer.statusCode}.`);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`The answer has more than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
