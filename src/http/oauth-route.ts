import type { IncomingMessage, ServerResponse } from 'node:http';
import { RequestError, requestErrorStatus } from '../domain/request-error.ts';
import { toRequestError } from '../store/unavailable.ts';
import { bearerChallenge, errorHeaders, sendJson } from './responses.ts';
import { FORM_MAX, readForm } from './read-form.ts';
import type { Route } from './find-route.ts';

/**
 * The error codes of OAuth that the gateway sends (RFC 6749, section 5.2; RFC 8628, section 3.5; RFC 8693, section
 * 2.2.2).
 */
type OauthCode =
  | 'invalid_request'
  | 'invalid_grant'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'invalid_target'
  | 'authorization_pending'
  | 'slow_down'
  | 'access_denied'
  | 'expired_token';

/** An error that is sent in OAuth's format with status 400 (RFC 6749, section 5.2). */
export class OauthError extends Error {
  override readonly name = 'OauthError';
  readonly code: OauthCode;

  constructor(code: OauthCode, description: string) {
    super(description);
    this.code = code;
  }
}

/** The fields of a form. A field without a value counts as absent (RFC 6749, section 3.2). */
export interface OauthForm {
  /** Throws invalid_request if the field is absent. */
  getRequired(name: string): string;
  get(name: string): string | undefined;
}

/** Returns a route that accepts form posts and responds in OAuth's format. The result of `respond` is sent as JSON. */
export function oauthRoute(
  respond: (form: OauthForm, address: string, request: IncomingMessage) => Promise<object>,
  bodyMax: number = FORM_MAX,
): Route {
  return {
    methods: ['POST'],
    body: { limit: bodyMax },
    refuse: (_request, response, { status, detail, retryAfter }) =>
      sendOauthError(
        response,
        status,
        retryAfter === undefined ? 'invalid_request' : 'temporarily_unavailable',
        detail,
      ),
    handle: async (request, response, { address }) => {
      // For caches of HTTP/1.0 (RFC 6749, section 5.1). Cache-Control is on every response.
      response.setHeader('Pragma', 'no-cache');
      try {
        sendJson(response, 200, await respond(await readOauthForm(request), address, request));
      } catch (error) {
        handleOauthError(response, error);
      }
    },
  };
}

async function readOauthForm(request: IncomingMessage): Promise<OauthForm> {
  const form = await readForm(request);
  if (form === null) {
    const expected = 'application/x-www-form-urlencoded, with no field twice';
    throw new OauthError('invalid_request', `The body must be ${expected}.`);
  }
  return {
    get: (name) => form.get(name),
    getRequired(name) {
      const value = form.get(name);
      if (value === undefined) throw new OauthError('invalid_request', `The field ${name} is missing.`);
      return value;
    },
  };
}

/**
 * Sends the error that stopped a request in OAuth's format. Rethrows unexpected errors to the server, which sends a
 * 500.
 */
function handleOauthError(response: ServerResponse, error: unknown): void {
  if (error instanceof OauthError) return sendOauthError(response, 400, error.code, error.message);
  const requestError = toRequestError(error);
  if (!(requestError instanceof RequestError)) throw error;
  const status = requestErrorStatus[requestError.code];
  response.setHeaders(new Map(Object.entries(errorHeaders(requestError))));
  if (status === 403) response.setHeader('WWW-Authenticate', bearerChallenge('insufficient_scope'));
  const code = status >= 429 ? 'temporarily_unavailable' : (callerErrors.get(status) ?? 'invalid_request');
  sendOauthError(response, status, code, requestError.message);
}

/** The codes for a caller that may not make the request (RFC 6749, section 5.2; RFC 6750, section 3.1). */
const callerErrors = new Map<number, 'invalid_client' | 'insufficient_scope'>([
  [401, 'invalid_client'],
  [403, 'insufficient_scope'],
]);

/**
 * Sends an error in OAuth's format. Characters that RFC 6749 does not allow in `error_description` are replaced by `?`.
 */
function sendOauthError(
  response: ServerResponse,
  status: number,
  error: OauthCode | 'invalid_client' | 'insufficient_scope' | 'temporarily_unavailable',
  description: string,
): void {
  const plain = description.replaceAll('’', "'").replaceAll(/[^ !#-[\]-~]/g, '?');
  sendJson(response, status, { error, error_description: plain });
}
