import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { redact } from '../logging/redact.ts';
import { parseMediaType } from './media-type.ts';
import { attachBody, collectBody } from './request-body.ts';

/** The body that a route accepts. */
export interface AcceptedBody {
  /** The longest body, in bytes. */
  readonly limit: number;
  /** The media type that a POST must have. Absent: any. */
  readonly type?: string;
  /** A higher limit for some requests, which are chosen by their head. */
  readonly enlarged?: EnlargedBody;
}

/** A higher limit on the bodies of some requests. */
export interface EnlargedBody {
  readonly limit: number;
  /** Returns whether a request may have such a body. Its body has not been read. */
  readonly isAllowed: (request: IncomingMessage) => Promise<boolean>;
}

/** Why a request is refused before its route handles it. */
export interface RequestProblem {
  readonly status: number;
  /** A sentence for people that says what was found and what was expected. */
  readonly detail: string;
  /** Headers that say what is accepted, or when to retry. */
  readonly headers?: { readonly [name: string]: string };
  /** When to retry a request that the gateway cannot handle now, in seconds. Absent: the request itself is wrong. */
  readonly retryAfter?: number;
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
export function findHeadProblem(request: IncomingMessage): RequestProblem | null {
  const { headers, rawHeaders, url = '' } = request;
  // Without any header twice, there are as many names as headers.
  if (Object.keys(headers).length !== rawHeaders.length / 2) {
    const { headersDistinct } = request;
    const repeated = singleHeaders.find((name) => (headersDistinct[name]?.length ?? 0) > 1);
    if (repeated !== undefined) {
      const count = String(headersDistinct[repeated]?.length);
      return { status: 400, detail: `Found ${count} ${repeated} headers; expected at most one.` };
    }
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
 * Reads the body of a request for its handler. A byte order mark at its start is left out. Passes on why the body is
 * refused: another media type than the route's, too many bytes, or bytes that are not UTF-8; null: it is accepted.
 */
export function collectRequestBody(
  request: IncomingMessage,
  { limit, type, enlarged }: AcceptedBody,
  onCollected: (problem: RequestProblem | null) => void,
): void {
  if (enlarged !== undefined && mayExceed(request, limit)) {
    const collect = (isAllowed: boolean) =>
      collectRequestBody(
        request,
        { limit: isAllowed ? enlarged.limit : limit, ...(type !== undefined && { type }) },
        onCollected,
      );
    enlarged.isAllowed(request).then(collect, () => collect(false));
    return;
  }
  const expected = request.method === 'POST' ? type : undefined;
  const typeProblem = expected === undefined ? null : findTypeProblem(request, expected);
  collectBody(request, limit, (body) => {
    const problem = body === null ? findSizeProblem(request, limit) : (typeProblem ?? findTextProblem(body));
    if (problem === null && body !== null) attachBody(request, withoutByteOrderMark(body));
    // Handlers of libraries compare the header as text.
    if (problem === null && expected !== undefined) request.headers['content-type'] = expected;
    onCollected(problem);
  });
}

/** Whether the head of a request admits a body above a limit: it declares one, or no length. */
function mayExceed({ headers }: IncomingMessage, limit: number): boolean {
  const declared = headers['content-length'];
  return declared === undefined ? headers['transfer-encoding'] !== undefined : Number(declared) > limit;
}

function findSizeProblem({ headers }: IncomingMessage, limit: number): RequestProblem {
  const declared = headers['content-length'];
  const found = declared === undefined ? `more than ${String(limit)}` : declared;
  return { status: 413, detail: `The body has ${found} bytes; at most ${String(limit)} are accepted.` };
}

function findTextProblem(body: Buffer): RequestProblem | null {
  return isUtf8(body) ? null : { status: 400, detail: 'The body has bytes that are not UTF-8.' };
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
  if (!text.includes('%')) return true;
  return (text.match(/(?:%[\da-f]{2})+/gi) ?? []).every((encoded) =>
    isUtf8(Buffer.from(encoded.replaceAll('%', ''), 'hex')),
  );
}
