import { STATUS_CODES, type ServerResponse } from 'node:http';
import { RequestError, requestErrorStatus } from '../domain/request-error.ts';

/** Sends a value as a JSON response. */
export function sendJson(response: ServerResponse, status: number, body: unknown, type = 'application/json'): void {
  sendJsonText(response, status, JSON.stringify(body), type);
}

/** Sends a text that is JSON already. */
export function sendJsonText(response: ServerResponse, status: number, text: string, type = 'application/json'): void {
  response.writeHead(status, { 'Content-Type': `${type}; charset=utf-8`, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}

/**
 * Sends problem details (RFC 9457) of type about:blank. The status is the kind of problem; `detail` is a sentence for
 * people that says what was found and what was expected.
 */
export function sendProblem(response: ServerResponse, status: number, detail: string): void {
  sendJson(response, status, problemDetails(status, detail), 'application/problem+json');
}

export function problemDetails(status: number, detail: string): { title: string; status: number; detail: string } {
  return { title: STATUS_CODES[status] ?? 'Problem', status, detail };
}

/**
 * Returns the headers that go with the status of an error: when to retry, and for 401 how to authenticate (RFC 9110,
 * section 15.5.2; RFC 6750, section 3). `invalid_token`: a credential was sent, and is not valid.
 */
export function errorHeaders({ code, details }: RequestError): { readonly [name: string]: string } {
  if (code === 'UNAUTHENTICATED') {
    return { 'WWW-Authenticate': bearerChallenge(details['outcome'] === undefined ? undefined : 'invalid_token') };
  }
  return 'retryAfter' in details ? { 'Retry-After': String(details['retryAfter']) } : {};
}

/** Returns the challenge of RFC 6750, section 3, with its error code if there is one. */
export function bearerChallenge(error?: string): string {
  return `Bearer realm="keytide"${error === undefined ? '' : `, error="${error}"`}`;
}

/**
 * Sends the error that stopped a request: a RequestError with its own status and message, every other error as a 500
 * that shows the request id and nothing else.
 */
export function sendError(response: ServerResponse, error: unknown, requestId: string): void {
  if (!(error instanceof RequestError)) {
    sendProblem(response, 500, `Internal error. The log of the gateway has the details under request id ${requestId}.`);
    return;
  }
  response.setHeaders(new Map(Object.entries(errorHeaders(error))));
  sendProblem(response, requestErrorStatus[error.code], error.message);
}
