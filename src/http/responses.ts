import { STATUS_CODES, type ServerResponse } from 'node:http';
import { RequestError, requestErrorStatus } from '../domain/request-error.ts';

/** Answers with a JSON text. */
export function sendJson(response: ServerResponse, status: number, body: unknown, type = 'application/json'): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'Content-Type': `${type}; charset=utf-8`, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}

/**
 * Answers with problem details (RFC 9457) of type about:blank: the status says what kind of problem it is, the detail, for
 * people, what was found and what is accepted.
 */
export function sendProblem(response: ServerResponse, status: number, detail: string): void {
  sendJson(response, status, problemDetails(status, detail), 'application/problem+json');
}

export function problemDetails(status: number, detail: string): { title: string; status: number; detail: string } {
  return { title: STATUS_CODES[status] ?? 'Problem', status, detail };
}

/** Answers with what stopped a request: its own status and words for a RequestError, nothing but the request id else. */
export function sendError(response: ServerResponse, error: unknown, requestId: string): void {
  if (!(error instanceof RequestError)) {
    sendProblem(response, 500, `Something went wrong here. The log knows more under request ${requestId}.`);
    return;
  }
  const { retryAfter } = error.details;
  if (typeof retryAfter === 'number') response.setHeader('Retry-After', retryAfter);
  sendProblem(response, requestErrorStatus[error.code], error.message);
}
