import { isAllowedOrigin, type RequestOrigin } from '../domain/origin.ts';
import { isPortalToken } from '../domain/portal.ts';
import type { Sensitive } from '../domain/sensitive.ts';
import type { Core } from '../store/core.ts';
import { findPortalSession, requireLive } from '../keys/portal-session.ts';
import { credentialEnd, credentialError, type Authentication } from './authentication.ts';
import type { RateLimits } from './rate-limits.ts';

type PortalServices = Pick<Core, 'prisma' | 'clock'> & { readonly rateLimits: RateLimits };

/** Authenticates the token of a portal session, and counts the request for its subject; an unknown token for its address. */
export async function authenticatePortal(
  services: PortalServices,
  token: Sensitive<string>,
  { address, origin }: { readonly address: string; readonly origin: RequestOrigin },
): Promise<Authentication> {
  const authenticated = await recheckPortal(services, token, origin).catch((error: unknown) => {
    if (credentialEnd(error) === 'UNKNOWN') services.rateLimits.countUnknownPortalToken(address);
    throw error;
  });
  services.rateLimits.attemptPortalRequest(authenticated.caller.subjectId);
  return authenticated;
}

async function recheckPortal(services: PortalServices, token: Sensitive<string>, origin: RequestOrigin) {
  const { prisma, clock } = services;
  const now = clock.now();
  const found = isPortalToken(token.reveal()) ? await findPortalSession(prisma, token, now) : null;
  const session = requireLive(found, now);
  if (!isAllowedOrigin(origin, session.origins)) {
    const found = origin.value === null ? 'The request has no Origin header' : 'Found a page of another origin';
    throw credentialError('ORIGIN_NOT_ALLOWED', `${found}; expected one of the portalOrigins of the session’s realm.`);
  }
  const { caller, endsAt, isUsed } = session;
  if (!isUsed) {
    await prisma.portalSession.updateMany({
      where: { id: caller.id, firstUsedAt: null },
      data: { firstUsedAt: now },
    });
  }
  return { caller, endsAt, reauthenticate: (): Promise<Authentication> => recheckPortal(services, token, origin) };
}
