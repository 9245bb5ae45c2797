import type { IncomingMessage, ServerResponse } from 'node:http';
import { isFailure } from '../domain/failure.ts';
import { RequestError } from '../domain/request-error.ts';
import { Sensitive } from '../domain/sensitive.ts';
import { EXCHANGED_LIFE_MS, exchangeToken, type ExchangingCore } from '../issuers/exchange.ts';
import { TOKEN_MAX } from '../issuers/read-token.ts';
import { answerError, answerJson } from './answers.ts';
import { takeBody } from './body-limit.ts';
import type { Metrics } from './metrics.ts';
import type { Route } from './server.ts';

/** In bytes: the longest token, and as much again for what stands around it. */
const BODY_MAX = 2 * TOKEN_MAX;

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const SUBJECT_TYPES = ['urn:ietf:params:oauth:token-type:jwt', 'urn:ietf:params:oauth:token-type:id_token'];

/** What RFC 6749 (section 5.2) and RFC 8693 (section 2.2.2) call what is wrong with a request. */
type OauthError = 'invalid_request' | 'unsupported_grant_type' | 'invalid_scope' | 'invalid_target';

interface Refusal {
  readonly error: OauthError;
  /** For whoever writes the client. */
  readonly error_description: string;
}

/** What a request asks for: a token, which is all that is read of one that is well. */
type Asked = { readonly token: string } | Refusal;

/**
 * POST /token (RFC 8693): a token of a job against a key that lives a quarter of an hour, as an access token. Clients have no
 * credential but that token.
 */
export function tokenRoute(core: ExchangingCore & { readonly metrics: Metrics }): Route {
  return {
    methods: ['POST'],
    body: {
      limit: BODY_MAX,
      refuse: (_request, response) =>
        refuse(response, invalid(`The body is too large; ${BODY_MAX} bytes are accepted.`)),
    },
    handle: async (request, response, { address, requestId }) => {
      const asked = readForm(request, await takeBody(request));
      if ('error' in asked) return refuse(response, asked);
      const input = { token: new Sensitive(asked.token), publicKey: null };
      try {
        const issued = await exchangeToken(core, input, address);
        core.metrics.tokenExchanges.inc({
          outcome: isFailure(issued) ? String(issued.details['problem']) : 'EXCHANGED',
        });
        if (isFailure(issued)) return refuse(response, invalid(issued.message));
        answerJson(response, 200, {
          access_token: issued.delivery.text?.reveal(),
          issued_token_type: ACCESS_TOKEN,
          token_type: 'Bearer',
          expires_in: EXCHANGED_LIFE_MS / 1000,
          key_id: issued.keyId,
        });
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        answerError(response, error, requestId);
      }
    },
  };
}

function readForm({ headers }: IncomingMessage, body: Buffer): Asked {
  if (!/^application\/x-www-form-urlencoded(;|$)/.test(headers['content-type'] ?? '')) {
    return invalid('The Content-Type is not application/x-www-form-urlencoded.');
  }
  const form = new URLSearchParams(body.toString());
  const twice = [...form.keys()].find((name) => form.getAll(name).length > 1);
  if (twice !== undefined) return invalid('A parameter is given more than once.');
  // A parameter without a value counts as left out (RFC 6749, section 3.2).
  const given = (name: string) => form.get(name) || null;
  if (given('grant_type') !== TOKEN_EXCHANGE) {
    return { error: 'unsupported_grant_type', error_description: `The grant_type that is known is ${TOKEN_EXCHANGE}.` };
  }
  const token = given('subject_token');
  if (token === null) return invalid('There is no subject_token.');
  if (!SUBJECT_TYPES.includes(given('subject_token_type') ?? '')) {
    return invalid(`The subject_token_type is none of ${SUBJECT_TYPES.join(' ')}.`);
  }
  if ((given('requested_token_type') ?? ACCESS_TOKEN) !== ACCESS_TOKEN) {
    return invalid(`The requested_token_type that is known is ${ACCESS_TOKEN}.`);
  }
  if (given('actor_token') !== null) return invalid('Nobody acts for another here: there is an actor_token.');
  if (given('scope') !== null) {
    return { error: 'invalid_scope', error_description: 'The scopes are those that a rule gives; ask for none.' };
  }
  if (given('audience') !== null || given('resource') !== null) {
    const error_description = 'The token itself says whom it is for; ask for no audience and no resource.';
    return { error: 'invalid_target', error_description };
  }
  return { token };
}

function invalid(error_description: string): Refusal {
  return { error: 'invalid_request', error_description };
}

/** The description has no characters but those that RFC 6749 lets into one. */
function refuse(response: ServerResponse, { error, error_description }: Refusal): void {
  const plain = error_description.replaceAll('’', "'").replaceAll(/[^ !#-[\]-~]/g, '?');
  answerJson(response, 400, { error, error_description: plain });
}
