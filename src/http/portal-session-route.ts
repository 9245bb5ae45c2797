import { badUserInput } from '../domain/request-error.ts';
import { Sensitive } from '../domain/sensitive.ts';
import { credentialEnd } from '../accounts/authentication.ts';
import type { RateLimits } from '../accounts/rate-limits.ts';
import type { Core } from '../store/core.ts';
import { exchangePortalCode } from '../subjects/exchange-portal-code.ts';
import type { PortalOrigins } from '../subjects/portal-origins.ts';
import { allowOrigin, originOf, sendPreflight } from './cors.ts';
import type { Route } from './find-route.ts';
import { readAttachedBody } from './request-body.ts';
import { sendJson } from './responses.ts';

export const PORTAL_SESSION_PATH = '/portal-session';

type PortalServices = Core & { readonly rateLimits: RateLimits; readonly portalOrigins: PortalOrigins };

/**
 * Returns the route of POST /portal-session: a page sends `{"code": …}`, the one-time code from its URL, and gets
 * `{"token": …, "expiresAt": …}`. Only pages of the session's realm may read the answer or use the code.
 */
export function portalSessionRoute(services: PortalServices): Route {
  return {
    methods: ['POST', 'OPTIONS'],
    body: { limit: 1_000, type: 'application/json' },
    handle: async (request, response, { address }) => {
      const { origin } = request.headers;
      if (origin !== undefined && (await services.portalOrigins.has(origin))) allowOrigin(request, response, [origin]);
      if (request.method === 'OPTIONS') return sendPreflight(request, response);
      const code = readCode(readAttachedBody(request));
      const exchanged = await exchangePortalCode(services, code, originOf(request)).catch((error: unknown) => {
        if (credentialEnd(error) !== null) services.rateLimits.countUnknownPortalCode(address);
        throw error;
      });
      const { token, expiresAt } = exchanged;
      sendJson(response, 200, { token: token.reveal(), expiresAt: expiresAt.toISOString() });
    },
  };
}

/** Reads the code from the body. @throws BAD_USER_INPUT for a body of another form */
function readCode(body: Buffer): Sensitive<string> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    value = null;
  }
  const { code, ...rest } = (value ?? {}) as { readonly code?: unknown };
  if (typeof code === 'string' && Object.keys(rest).length === 0) return new Sensitive(code);
  throw badUserInput('Found another body; expected {"code": the code from the URL}.');
}
