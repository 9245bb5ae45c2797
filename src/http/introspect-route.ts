import { authenticate } from '../accounts/authenticate.ts';
import { unauthenticated } from '../domain/request-error.ts';
import { formatScopeTokens } from '../domain/scope-token.ts';
import { secretEndsAt } from '../domain/verification.ts';
import { verifyKey, type Verification, type VerifyingServices } from '../keys/verify.ts';
import { readVerifyInput } from '../keys/verify-input.ts';
import { readBasicPassword } from './auth/presented-secrets.ts';
import type { Route } from './find-route.ts';
import type { Metrics } from './metrics.ts';
import { oauthRoute } from './oauth-route.ts';

type IntrospectionServices = VerifyingServices & Parameters<typeof authenticate>[0] & { readonly metrics: Metrics };

/** The answer for everything but a good key (RFC 7662, section 2.2). */
const inactive = { active: false } as const;

/**
 * Returns the route of POST /introspect (RFC 7662): `verifyKey` for resource servers and API gateways that speak OAuth.
 * Every outcome but VALID is `{"active":false}`. Callers are as for `verifyKey`: they send the verifier's credential as
 * Bearer, or as the client secret of Basic (RFC 6749, section 2.3.1) with any client id.
 */
export function introspectRoute(services: IntrospectionServices, publicUrl: () => string): Route {
  return oauthRoute(async (form, address, { headers }) => {
    const { caller } = await authenticate(services, readAuthorization(headers.authorization), address);
    if (caller.kind === 'ANONYMOUS') {
      throw unauthenticated('Send Authorization: Bearer <secret of a key with the scope keytide:verify>.');
    }
    const texts = { action: null, resource: null, consumer: null, address: form.get('address') ?? null };
    const places = { nameOf: (field: string) => field, pathOf: () => undefined };
    const verification = await verifyKey(services, caller, readVerifyInput(form.getRequired('token'), texts, places));
    services.metrics.verifications.inc({ outcome: verification.outcome });
    return toIntrospection(verification, publicUrl());
  });
}

/** Returns the caller's credential as Bearer. A client secret in Basic is form-encoded: some libraries encode `_`, too. */
function readAuthorization(authorization: string | undefined): string | null {
  if (authorization === undefined) return null;
  const password = readBasicPassword(authorization);
  const secret = new URLSearchParams(`secret=${password}`).get('secret') ?? '';
  return secret === '' ? authorization : `Bearer ${secret}`;
}

function toIntrospection({ outcome, key, stopsAt, renewalDue, warnings }: Verification, issuer: string): object {
  if (outcome !== 'VALID' || key === null) return inactive;
  const endsAt = secretEndsAt(key);
  return {
    active: true,
    scope: formatScopeTokens(key.scopes),
    client_id: key.id,
    sub: key.ownerId,
    ...(key.externalId === null ? {} : { subject: { externalId: key.externalId } }),
    iss: issuer,
    token_type: 'Bearer',
    ...(endsAt === null ? {} : { exp: Math.floor(endsAt.getTime() / 1000) }),
    realm: key.realmSlug,
    labels: key.labels,
    stops_at: stopsAt?.toISOString() ?? null,
    renewal_due: renewalDue,
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}
