import { answerJson } from './answers.ts';
import type { Handler } from './exchange.ts';
import { TOKEN_EXCHANGE } from './token-route.ts';

/** GET /.well-known/oauth-authorization-server: where tokens are exchanged, and how (RFC 8414). */
export function serverMetadataHandler(publicUrl: () => string): Handler {
  return (_request, response) => {
    const issuer = publicUrl();
    answerJson(response, 200, {
      issuer,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      response_types_supported: [],
      grant_types_supported: [TOKEN_EXCHANGE],
      token_endpoint_auth_methods_supported: ['none'],
    });
  };
}
