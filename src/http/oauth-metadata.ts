import { sendJson } from './responses.ts';
import type { HttpHandler } from './http-exchange.ts';
import type { Route } from './find-route.ts';
import { tokenGrants } from './token-route.ts';

const METADATA_PATH = '/.well-known/oauth-authorization-server';

/**
 * Returns the routes of the metadata of the authorization server (RFC 8414): how tokens are exchanged, and how devices
 * sign in (RFC 8628, section 4). For a public URL with a path, the document is also at the place that section 3.1
 * names: between the host and the path.
 */
export function oauthMetadataRoutes(publicUrl: () => string): [string, Route][] {
  const route: Route = { methods: ['GET'], handle: metadataHandler(publicUrl) };
  const path = new URL(publicUrl()).pathname.replace(/\/+$/, '');
  return [[METADATA_PATH, route], ...(path === '' ? [] : [[`${METADATA_PATH}${path}`, route] as [string, Route]])];
}

function metadataHandler(publicUrl: () => string): HttpHandler {
  return (_request, response) => {
    const issuer = publicUrl();
    sendJson(response, 200, {
      issuer,
      token_endpoint: `${issuer}/token`,
      device_authorization_endpoint: `${issuer}/device/code`,
      introspection_endpoint: `${issuer}/introspect`,
      introspection_endpoint_auth_methods_supported: ['client_secret_basic'],
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      response_types_supported: [],
      grant_types_supported: tokenGrants,
      token_endpoint_auth_methods_supported: ['none'],
    });
  };
}
