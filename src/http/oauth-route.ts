import type { IncomingMessage, ServerResponse } from 'node:http';
import { RequestError, requestErrorStatus } from '../domain/request-error.ts';
import { toRequestError } from '../store/unavailable.ts';
import { sendJson } from './responses.ts';
import { FORM_MAX, readForm } from './read-form.ts';
import type { Route } from './http-server.ts';

/** What OAuth calls what is wrong with a request (RFC 6749, section 5.2; RFC 8628, section 3.5; RFC 8693, section 2.2.2). */
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

/** An answer that is an error as OAuth has them (RFC 6749, section 5.2). */
export class OauthError extends Error {
  override readonly name = 'OauthError';
  readonly code: OauthCode;

  constructor(code: OauthCode, description: string) {
    super(description);
    this.code = code;
  }
}

/** The fields of a form. One without a value counts as left out (RFC 6749, section 3.2). */
export interface OauthForm {
  /** Throws invalid_request for one that is left out. */
  getRequired(name: string): string;
  get(name: string): string | undefined;
}

/** A path to which programs post forms and which answers as OAuth has it; what `respond` gives is answered as JSON. */
export function oauthRoute(
  respond: (fields: OauthForm, address: string) => Promise<object>,
  bodyMax: number = FORM_MAX,
): Route {
  return {
    methods: ['POST'],
    body: {
      limit: bodyMax,
      refuse: (_request, response) => {
        sendOauthError(response, 413, 'invalid_request', `The form is too large; ${bodyMax} bytes are accepted.`);
      },
    },
    handle: async (request, response, { address }) => {
      try {
        sendJson(response, 200, await respond(await readOauthForm(request), address));
      } catch (error) {
        handleOauthError(response, error);
      }
    },
  };
}

async function readOauthForm(request: IncomingMessage): Promise<OauthForm> {
  const form = await readForm(request);
  if (form === null) {
    const accepted = 'application/x-www-form-urlencoded, with each field once, is accepted.';
    throw new OauthError('invalid_request', `The body is something else: ${accepted}`);
  }
  return {
    get: (name) => form.get(name),
    getRequired(name) {
      const value = form.get(name);
      if (value === undefined) throw new OauthError('invalid_request', `There is no ${name}.`);
      return value;
    },
  };
}

/** What stops a request in words of OAuth; what is nobody's fault but ours goes on to the server. */
function handleOauthError(response: ServerResponse, error: unknown): void {
  if (error instanceof OauthError) return sendOauthError(response, 400, error.code, error.message);
  const stop = toRequestError(error);
  if (!(stop instanceof RequestError)) throw error;
  const status = requestErrorStatus[stop.code];
  const { retryAfter } = stop.details;
  if (typeof retryAfter === 'number') response.setHeader('Retry-After', retryAfter);
  sendOauthError(response, status, status >= 429 ? 'temporarily_unavailable' : 'invalid_request', stop.message);
}

/** The description has no characters but those that RFC 6749 lets into one. */
function sendOauthError(
  response: ServerResponse,
  status: number,
  error: OauthCode | 'temporarily_unavailable',
  description: string,
): void {
  const plain = description.replaceAll('’', "'").replaceAll(/[^ !#-[\]-~]/g, '?');
  sendJson(response, status, { error, error_description: plain });
}
