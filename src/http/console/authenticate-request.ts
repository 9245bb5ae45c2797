import type { IncomingMessage } from 'node:http';
import { authenticate, type AuthenticationServices } from '../../accounts/authenticate.ts';
import { credentialEnd, type Authentication } from '../../accounts/authentication.ts';
import type { MaybePromise } from '../../domain/maybe-promise.ts';
import { originOf } from '../cors.ts';
import { hasPasswordProof, withoutPassword } from './password-proof.ts';
import { cookieCredential } from './session-cookie.ts';

/** Names the realm of a foreign secret in the Authorization header: only a realm knows such secrets. */
const FOREIGN_REALM_HEADER = 'x-keytide-realm';

type RequestServices = AuthenticationServices & { readonly publicUrl: () => string };

/**
 * Authenticates the caller of an operation over HTTP: by the Authorization header, or without one by the cookie of the
 * console (`cookieCredential`). If the session of the cookie has ended, the request is that of a stranger, who may sign in
 * or accept an invitation. No response removes the cookie: when it arrives, the browser may have the cookie of a new session.
 */
export function authenticateRequest(
  services: RequestServices,
  request: IncomingMessage,
  address: string,
): MaybePromise<Authentication> {
  const { authorization } = request.headers;
  const foreignRealm = request.headers[FOREIGN_REALM_HEADER]?.toString() ?? null;
  if (authorization !== undefined || request.headers.cookie === undefined) {
    return authenticate(services, authorization ?? null, address, foreignRealm, originOf(request));
  }
  return authenticateCookie(services, request, address);
}

async function authenticateCookie(
  services: RequestServices,
  request: IncomingMessage,
  address: string,
): Promise<Authentication> {
  const publicUrl = services.publicUrl();
  const credential = cookieCredential(request, publicUrl);
  try {
    const authentication = await authenticate(services, credential, address);
    const { caller } = authentication;
    const isProven = caller.kind === 'ACCOUNT' && hasPasswordProof(services, request, publicUrl, caller.sessionId);
    return isProven ? authentication : withoutPassword(authentication);
  } catch (error) {
    if (credentialEnd(error) === null) throw error;
    return authenticate(services, null, address);
  }
}
