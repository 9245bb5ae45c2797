import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { redact } from '../logging/redact.ts';
import { parseMediaType } from './media-type.ts';
import { attachBody, readBody } from './request-body.ts';

/** The body that a route accepts. */
export interface AcceptedBody {
  /** The longest body, in bytes. */
  readonly limit: number;
  /** The media type that a POST must have. Absent: any. */
  readonly type?: string;
}

/** Why a request is refused before its route handles it. */
export interface RequestProblem {
  readonly status: number;
  /** A sentence for people that says what was found and what was expected. */
  readonly detail: string;
  /** Headers that say what is accepted. */
  readonly headers?: { readonly [name: string]: string };
}

/**
 * Headers whose value decides what a request means: who sends it, where from, what it contains. A request that has such
 * a header twice is refused, because the programs on its way may each use a different value (RFC 9110, section 5.3).
 */
const singleHeaders = [
  'authorization',
  'content-type',
  'github-public-key-identifier',
  'github-public-key-signature',
  'host',
  'last-event-id',
  'origin',
  'sec-fetch-site',
  'webhook-id',
  'webhook-signature',
  'webhook-timestamp',
  'x-request-id',
];

/** Names of the encoding that all bodies have. US-ASCII is a part of UTF-8. */
const acceptedCharsets = ['utf-8', 'utf8', 'us-ascii'];

/** Returns why the head of a request is refused, on any route and for an upgrade; null: it is accepted. */
export function findHeadProblem({ headers, headersDistinct, url = '' }: IncomingMessage): RequestProblem | null {
  const repeated = singleHeaders.find((name) => (headersDistinct[name]?.length ?? 0) > 1);
  if (repeated !== undefined) {
    const count = String(headersDistinct[repeated]?.length);
    return { status: 400, detail: `Found ${count} ${repeated} headers; expected at most one.` };
  }
  if (/[^ -~]/.test(url) || !isUtf8Query(url)) {
    return { status: 400, detail: 'The request target has bytes that are not percent-encoded UTF-8.' };
  }
  const encoding = headers['content-encoding']?.trim() ?? '';
  if (encoding !== '' && encoding.toLowerCase() !== 'identity') {
    const found = redact(JSON.stringify(encoding));
    const detail = `Found Content-Encoding ${found}; expected a body without an encoding.`;
    return { status: 415, detail, headers: { 'Accept-Encoding': 'identity' } };
  }
  const { charset } = parseMediaType(headers['content-type'] ?? '') ?? { charset: null };
  if (charset !== null && !acceptedCharsets.includes(charset)) {
    return { status: 415, detail: `Found charset ${redact(JSON.stringify(charset))}; expected UTF-8.` };
  }
  return null;
}

/**
 * Reads the body of a request for its handler. A byte order mark at its start is left out. Returns why the body is
 * refused: another media type than the route's, too many bytes, or bytes that are not UTF-8.
 */
export async function readRequestBody(
  request: IncomingMessage,
  { limit, type }: AcceptedBody,
): Promise<RequestProblem | null> {
  const typeProblem = type === undefined || request.method !== 'POST' ? null : findTypeProblem(request, type);
  const body = await readBody(request, limit);
  if (body === null) {
    const declared = request.headers['content-length'];
    const found = declared === undefined ? `more than ${String(limit)}` : declared;
    return { status: 413, detail: `The body has ${found} bytes; at most ${String(limit)} are accepted.` };
  }
  if (typeProblem !== null) return typeProblem;
  if (!isUtf8(body)) return { status: 400, detail: 'The body has bytes that are not UTF-8.' };
  attachBody(request, withoutByteOrderMark(body));
  // Handlers of libraries compare the header as text.
  if (type !== undefined && request.method === 'POST') request.headers['content-type'] = type;
  return null;
}

function findTypeProblem({ headers }: IncomingMessage, expected: string): RequestProblem | null {
  const given = headers['content-type'];
  if (given !== undefined && parseMediaType(given)?.type === expected) return null;
  const found = given === undefined ? 'no Content-Type' : `Content-Type ${redact(JSON.stringify(given))}`;
  return { status: 415, detail: `Found ${found}; expected Content-Type ${expected}.`, headers: { Accept: expected } };
}

function withoutByteOrderMark(body: Buffer): Buffer {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body;
}

/** Returns whether the percent-encoded bytes of a form or query are UTF-8. */
export function isUtf8Query(text: string): boolean {
  return (text.match(/(?:%[\da-f]{2})+/gi) ?? []).every((encoded) =>
    isUtf8(Buffer.from(encoded.replaceAll('%', ''), 'hex')),
  );
}
