import { sendJson } from './responses.ts';
import type { HttpHandler } from './http-exchange.ts';
import { TOKEN_EXCHANGE_GRANT } from './token-route.ts';

/**
 * Returns the handler of GET /.well-known/oauth-authorization-server: where and how tokens are exchanged (RFC 8414).
 */
export function oauthMetadataHandler(publicUrl: () => string): HttpHandler {
  return (_request, response) => {
    const issuer = publicUrl();
    sendJson(response, 200, {
      issuer,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      response_types_supported: [],
      grant_types_supported: [TOKEN_EXCHANGE_GRANT],
      token_endpoint_auth_methods_supported: ['none'],
    });
  };
}
