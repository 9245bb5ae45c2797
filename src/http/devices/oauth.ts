import type { IncomingMessage, ServerResponse } from 'node:http';
import { RequestError, requestErrorStatus } from '../../domain/request-error.ts';
import { asUnavailable } from '../../store/unavailable.ts';
import { answerJson } from '../answers.ts';
import type { Route } from '../server.ts';
import { FORM_MAX, readForm } from './read-form.ts';

/** An answer that is an error as OAuth has them (RFC 6749, section 5.2). */
export class OauthError extends Error {
  override readonly name = 'OauthError';
  readonly code: string;

  constructor(code: string, description: string) {
    super(description);
    this.code = code;
  }
}

/** The fields of a form, of which those that are asked for are there. */
type Field = (name: string) => string;

/** A path to which programs post forms and which answers as OAuth has it; what `respond` gives is answered as JSON. */
export function oauthRoute(
  respond: (field: Field, fields: ReadonlyMap<string, string>, address: string) => Promise<object>,
): Route {
  return {
    methods: ['POST'],
    body: {
      limit: FORM_MAX,
      refuse: (_request, response) => {
        answerJson(response, 413, { error: 'invalid_request', error_description: 'The form is too large.' });
      },
    },
    handle: async (request: IncomingMessage, response: ServerResponse, { address }) => {
      try {
        const fields = await readForm(request);
        if (fields === null) {
          const accepted = 'application/x-www-form-urlencoded, with each field once, is accepted.';
          throw new OauthError('invalid_request', `The body is something else: ${accepted}`);
        }
        const field = (name: string) => {
          const value = fields.get(name);
          if (value === undefined) throw new OauthError('invalid_request', `There is no ${name}.`);
          return value;
        };
        answerJson(response, 200, await respond(field, fields, address));
      } catch (error) {
        answerOauthError(response, error);
      }
    },
  };
}

/** What stops a request in words of OAuth; what is nobody's fault but ours goes on to the server. */
function answerOauthError(response: ServerResponse, thrown: unknown): void {
  if (thrown instanceof OauthError) {
    return answerJson(response, 400, { error: thrown.code, error_description: thrown.message });
  }
  const error = asUnavailable(thrown);
  if (!(error instanceof RequestError)) throw error;
  const status = requestErrorStatus[error.code];
  if (status >= 429) response.setHeader('Retry-After', String(error.details['retryAfter']));
  const code = status >= 429 ? 'temporarily_unavailable' : 'invalid_request';
  answerJson(response, status, { error: code, error_description: error.message });
}
