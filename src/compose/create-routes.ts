import { SigningKeys } from '../accounts/signing-keys.ts';
import { createHealth } from './health.ts';
import type { Parts } from './parts.ts';
import type { Services } from '../graphql/context.ts';
import { createGraphiqlPage } from '../graphql/graphiql.ts';
import { GRAPHIQL_PATH, graphiqlRoute } from '../graphql/graphiql-assets.ts';
import { createGraphqlListener } from '../graphql/graphql-listener.ts';
import { createGraphqlServer } from '../graphql/graphql-server.ts';
import { AUTH_PATH, authRoute } from '../http/auth/auth-route.ts';
import { consoleRoutes } from '../http/console/console-routes.ts';
import { CONFIRM_PATH, SESSION_PATH } from '../http/console/session-cookie.ts';
import { confirmRoute, sessionRoute } from '../http/console/session-route.ts';
import { deviceRoutes } from '../http/devices/device-routes.ts';
import { docsRoutes } from '../http/docs-routes.ts';
import { isAuthenticated } from '../http/is-authenticated.ts';
import { followRoutes } from '../http/follow-routes.ts';
import { graphqlRoute } from '../http/graphql-route.ts';
import { jwksHandler } from '../http/jwks.ts';
import { leakRoutes } from '../http/leaks/leak-routes.ts';
import { portalPageRoutes } from '../http/portal-page-routes.ts';
import { PORTAL_SESSION_PATH, portalSessionRoute } from '../http/portal-session-route.ts';
import { oauthMetadataRoutes } from '../http/oauth-metadata.ts';
import { tokenRoute } from '../http/token-route.ts';
import { introspectRoute } from '../http/introspect-route.ts';
import { usesRoute } from '../http/uses-route.ts';
import { verifyRoute } from '../http/verify-route.ts';
import { unsubscribeRoute } from '../http/unsubscribe-route.ts';
import type { Route } from '../http/find-route.ts';

/** What the routes need besides the services. */
interface RouteParts {
  readonly parts: Parts;
  readonly graphql: ReturnType<typeof createGraphqlServer>;
  readonly health: ReturnType<typeof createHealth>;
  readonly signingKeys: SigningKeys;
}

/** Returns the routes of a node, by their paths. */
export function createRoutes(
  services: Services,
  { parts, graphql, health, signingKeys }: RouteParts,
): Map<string, Route> {
  const { metrics } = services;
  return new Map<string, Route>([
    [AUTH_PATH, authRoute(services, { headers: parts.auth.headers, trustedRealms: null })],
    [
      '/graphql',
      graphqlRoute(createGraphqlListener(graphql, parts), {
        allowedOrigins: parts.allowedOrigins,
        portalOrigins: services.portalOrigins,
        serveBrowser: createGraphiqlPage(services, parts),
        mayBeBulk: (request) => isAuthenticated(services, request),
      }),
    ],
    [GRAPHIQL_PATH, graphiqlRoute],
    ['/.well-known/jwks.json', { methods: ['GET'], handle: jwksHandler(signingKeys) }],
    ...oauthMetadataRoutes(parts.publicUrl),
    ['/token', tokenRoute({ ...services, signingKeys })],
    ['/verify', verifyRoute(services)],
    ['/introspect', introspectRoute(services, parts.publicUrl)],
    ...followRoutes(services),
    ['/uses', usesRoute(services)],
    ['/unsubscribe', unsubscribeRoute(services)],
    [SESSION_PATH, sessionRoute(services)],
    [CONFIRM_PATH, confirmRoute(services)],
    ...consoleRoutes({ random: services.random, isReread: parts.isOpen }),
    [PORTAL_SESSION_PATH, portalSessionRoute(services)],
    ...portalPageRoutes({ isReread: parts.isOpen }),
    ...docsRoutes({ isReread: parts.isOpen }),
    ...deviceRoutes(services, parts.publicUrl),
    ...leakRoutes(services, parts.leaks, parts.logger),
    ['/livez', { methods: ['GET'], handle: health.live, isServedUnderLoad: true }],
    ['/readyz', { methods: ['GET'], handle: health.ready, isServedUnderLoad: true }],
    ['/metrics', { methods: ['GET'], handle: metrics.handle, isServedUnderLoad: true }],
  ]);
}
