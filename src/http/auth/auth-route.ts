import type { IncomingMessage, ServerResponse } from 'node:http';
import { authenticate } from '../../accounts/authenticate.ts';
import type { Caller, TrustedListener } from '../../domain/caller.ts';
import { forbidden, RequestError } from '../../domain/request-error.ts';
import { formatWarnings } from '../../domain/verification-warning.ts';
import type { Outcome } from '../../domain/verification.ts';
import { verifyKey, type Verification, type VerifyingServices } from '../../keys/verify.ts';
import { readVerifyInput } from '../../keys/verify-input.ts';
import { RealmIds } from '../../realms/realm-ids.ts';
import { toRequestError } from '../../store/unavailable.ts';
import type { HttpExchange } from '../http-exchange.ts';
import type { Route } from '../find-route.ts';
import type { Metrics } from '../metrics.ts';
import { bearerChallenge, errorHeaders, sendProblem } from '../responses.ts';
import { readPresentedSecrets, type SecretHeader } from './presented-secrets.ts';
import { FaultLog } from './fault-log.ts';
import { readAuthTarget } from './read-auth-target.ts';

/** The header in which a proxy proves itself. The proxy sets it, and so replaces what a client sent. */
const VERIFIER_HEADER = 'x-keytide-verifier';

/** The status for each outcome: what proxies let pass, refuse, or take for a fault of the configuration (rule 35). */
const statusOf: Readonly<Record<Outcome, 204 | 401 | 403 | 500>> = {
  VALID: 204,
  KEY_UNKNOWN: 401,
  KEY_REVOKED: 401,
  SECRET_RETIRED: 401,
  KEY_EXPIRED: 401,
  KEY_HELD: 403,
  NOT_YET_VALID: 403,
  ADDRESS_NOT_ALLOWED: 403,
  BROWNOUT: 403,
  SCOPE_MISSING: 403,
  ACTION_UNKNOWN: 500,
};

export interface AuthOptions {
  /** Where clients send their secrets. */
  readonly headers: readonly SecretHeader[];
  /** The realms that the listener is trusted for. Null: the proxy proves itself by X-Keytide-Verifier. */
  readonly trustedRealms: readonly string[] | null;
}

type AuthServices = VerifyingServices & Parameters<typeof authenticate>[0] & { readonly metrics: Metrics };

/** The path of the route: `/auth/` and all that follows. */
export const AUTH_PATH = '/auth/*';

/**
 * Returns the route that proxies ask before they pass a request on (nginx auth_request, Traefik ForwardAuth, Caddy
 * forward_auth, Envoy ext_authz): `verifyKey` for the secret in the client's headers, with the realm, action and
 * resource of the URL that the proxy is configured with. It answers 204, 401 or 403; 500 if the proxy or its URL is
 * not configured correctly; and 503 when the gateway cannot know. The method and the body are the client's: any method
 * is accepted and the body is not read.
 */
export function authRoute(core: AuthServices, options: AuthOptions): Route {
  const services = { ...core, realmIds: new RealmIds(core) };
  const faults = new FaultLog(core.clock);
  return {
    isForwarded: true,
    handle: async (request, response, exchange) => {
      response.setHeader('Vary', headerNames(options.headers).join(', '));
      try {
        await answer(services, options, request, response, exchange);
      } catch (thrown) {
        handleError(response, thrown, exchange, faults);
      }
    },
  };
}

async function answer(
  services: AuthServices & { readonly realmIds: RealmIds },
  { headers, trustedRealms }: AuthOptions,
  request: IncomingMessage,
  response: ServerResponse,
  exchange: HttpExchange,
): Promise<void> {
  const target = readAuthTarget(request.url ?? '');
  if (target === null) throw forbidden('The URL is not /auth/<realm> or /auth/<realm>/<action>/<resource>.');
  const verifier = trustedRealms === null ? await authenticateProxy(services, request, exchange) : null;
  if (trustedRealms?.includes(target.realm) === false) {
    throw forbidden(`The realm ${target.realm} is not in KEYTIDE_AUTH_REALMS.`);
  }
  const realmId = await services.realmIds.find(target.realm);
  if (realmId === null) throw forbidden(`There is no realm ${target.realm}.`);
  const listener: TrustedListener = { kind: 'LISTENER', realmId };
  const [secret, ...others] = readPresentedSecrets(request, headers);
  const challenge = (error?: string) => response.setHeader('WWW-Authenticate', challengeOf(headers, error));
  if (secret === undefined) {
    challenge();
    return sendProblem(response, 401, `No secret was sent; expected it in ${headerNames(headers).join(' or ')}.`);
  }
  if (others.length > 0) {
    challenge('invalid_token');
    return sendProblem(response, 401, 'Several different secrets were sent; expected one.');
  }
  const { action = null, resource = null } = target.purpose ?? {};
  const texts = { action, resource, consumer: null, address: exchange.forwardedAddress };
  const input = readVerifyInput(secret, texts, { nameOf: (field) => `the URL’s ${field}`, pathOf: () => undefined });
  const verification = await verifyKey(services, verifier ?? listener, { ...input, realmId });
  services.metrics.verifications.inc({ outcome: verification.outcome });
  const status = statusOf[verification.outcome];
  response.setHeaders(new Map(headersOf(verification)));
  if (status === 401) challenge('invalid_token');
  if (verification.outcome === 'SCOPE_MISSING') challenge('insufficient_scope');
  if (status === 500) exchange.log.warn({ reason: verification.message }, 'proxy misconfigured');
  // Envoy lets a request pass on 200 alone.
  if (status === 204) response.writeHead(target.isPrefix ? 200 : 204).end();
  else sendProblem(response, status, verification.message);
}

async function authenticateProxy(
  services: AuthServices,
  { headersDistinct }: IncomingMessage,
  // The client's address is not that of the proxy, whose own key may have allowed addresses.
  { peerAddress }: HttpExchange,
): Promise<Caller> {
  const [credential, ...others] = headersDistinct[VERIFIER_HEADER] ?? [];
  if (credential === undefined) throw forbidden('The proxy sent no X-Keytide-Verifier.');
  if (others.length > 0) throw forbidden('X-Keytide-Verifier came twice: the proxy must replace the client’s header.');
  return (await authenticate(services, `Bearer ${credential.trim()}`, peerAddress)).caller;
}

/** The headers for the proxy, which can pass them on to the API. None holds a secret. */
function headersOf(verification: Verification): [string, string][] {
  const { outcome, key, stopsAt, renewalDue, scopeChecked, warnings, brownoutEndsAt } = verification;
  const warned = formatWarnings(warnings);
  const known: [string, string][] =
    key === null
      ? []
      : [
          ['X-Keytide-Key-Id', key.id],
          ['X-Keytide-Realm', key.realmSlug],
          ['X-Keytide-Owner', key.ownerId],
          ['X-Keytide-Renewal-Due', String(renewalDue)],
          ['X-Keytide-Scope-Checked', String(scopeChecked)],
        ];
  return [
    ['X-Keytide-Outcome', outcome],
    ...known,
    ...(warned === null ? [] : [['X-Keytide-Warning', warned] as [string, string]]),
    ...(brownoutEndsAt === null ? [] : [['Retry-After', brownoutEndsAt.toUTCString()] as [string, string]]),
    ...(stopsAt === null ? [] : [['X-Keytide-Stops-At', stopsAt.toISOString()] as [string, string]]),
  ];
}

/**
 * Sends what stopped a verification: 503 if the gateway cannot know, else 500, because only the configuration of the
 * proxy can be wrong. The reason is in the log alone: the client of the proxy may read the response.
 */
function handleError(
  response: ServerResponse,
  thrown: unknown,
  { log, requestId }: HttpExchange,
  faults: FaultLog,
): void {
  const error = toRequestError(thrown);
  if (!(error instanceof RequestError)) throw thrown;
  if (error.code === 'UNAVAILABLE' || error.code === 'RATE_LIMITED') {
    response.setHeaders(new Map(Object.entries(errorHeaders(error))));
    return sendProblem(response, 503, 'The gateway cannot verify the key now. Keep the key and retry.');
  }
  faults.add(log, error.message);
  sendProblem(
    response,
    500,
    `The proxy is not configured correctly. The log of the gateway has the reason under request id ${requestId}.`,
  );
}

function headerNames(headers: readonly SecretHeader[]): string[] {
  return [...new Set(headers.map((name) => (isScheme(name) ? 'authorization' : name)))];
}

/** Returns how to authenticate. Programs that use Basic send their password only after such a challenge. */
function challengeOf(headers: readonly SecretHeader[], error?: string): string {
  const basic = headers.includes('basic') ? ', Basic realm="keytide"' : '';
  return `${bearerChallenge(error)}${basic}`;
}

function isScheme(name: SecretHeader): boolean {
  return name === 'bearer' || name === 'basic';
}
