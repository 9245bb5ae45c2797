import type { IncomingMessage } from 'node:http';
import { authenticate } from '../../accounts/authenticate.ts';
import type { AuthenticationServices } from '../../accounts/authenticate.ts';
import { credentialEnd } from '../../accounts/authentication.ts';
import { authenticatePassword, signIn, type SignInServices } from '../../accounts/sign-in.ts';
import { signOut } from '../../accounts/sign-out.ts';
import { isFailure } from '../../domain/failure.ts';
import { badUserInput, forbidden, unauthenticated } from '../../domain/request-error.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import type { Route } from '../find-route.ts';
import { readAttachedBody } from '../request-body.ts';
import { sendJson } from '../responses.ts';
import { makePasswordProof, PASSWORD_PROOF_MS } from './password-proof.ts';
import { cookieCredential, isOwnPage, passwordCookie, removeCookie, storeCookie } from './session-cookie.ts';

type SessionServices = SignInServices & AuthenticationServices & { readonly publicUrl: () => string };

/**
 * Returns the route of /session, only for pages of the gateway. POST {"email": …, "password": …} signs in, within the
 * limits of `signIn`, and stores the session token in a cookie that no script reads; the body has no token. A cookie that
 * is sent along is not used: every sign-in begins a new session. DELETE ends the session and removes the cookie. If
 * the session cannot be ended now, the cookie stays: without it the page could not try again.
 */
export function sessionRoute(services: SessionServices): Route {
  return {
    methods: ['POST', 'DELETE'],
    body: { limit: 10_000, type: 'application/json' },
    handle: async (request, response, { address }) => {
      const publicUrl = services.publicUrl();
      if (!isOwnPage(request, publicUrl)) {
        throw forbidden(`Only pages of ${new URL(publicUrl).origin} may begin or end a session here.`);
      }
      if (request.method === 'DELETE') {
        await endSession(services, request, address);
        response.setHeader('Set-Cookie', [removeCookie(publicUrl), passwordCookie(publicUrl, null)]);
        response.writeHead(204).end();
        return;
      }
      const session = await signIn(services, { ...readCredentials(readAttachedBody(request)), address });
      if (isFailure(session)) throw unauthenticated(session.message);
      const { token, expiresAt } = session;
      const lifetimeMs = expiresAt.getTime() - services.clock.now().getTime();
      response.setHeader('Set-Cookie', storeCookie(publicUrl, token.reveal(), lifetimeMs));
      sendJson(response, 200, { expiresAt: expiresAt.toISOString() });
    },
  };
}

/**
 * Returns the route of POST /session/confirm: the person of a session gives {"password": …} again, within the limits of
 * `signIn`. For 5 minutes the page may then make changes that outlive its session.
 */
export function confirmRoute(services: SessionServices): Route {
  return {
    methods: ['POST'],
    body: { limit: 10_000, type: 'application/json' },
    handle: async (request, response, { address }) => {
      const publicUrl = services.publicUrl();
      const { caller } = await authenticate(services, cookieCredential(request, publicUrl), address);
      if (caller.kind !== 'ACCOUNT') throw unauthenticated('The request has no session of the console.');
      const { email } = await services.prisma.account.findUniqueOrThrow({ where: { id: caller.id } });
      const { password } = readTexts(readAttachedBody(request), ['password']);
      const account = await authenticatePassword(services, { email, password: new Sensitive(password), address });
      if (isFailure(account)) throw forbidden('The password is wrong.');
      const proof = makePasswordProof(services, caller.sessionId);
      response.setHeader('Set-Cookie', passwordCookie(publicUrl, proof, PASSWORD_PROOF_MS));
      response.writeHead(204).end();
    },
  };
}

/** Ends the session of the request's cookie. A cookie that does not count, or whose session has ended, ends nothing. */
async function endSession(services: SessionServices, request: IncomingMessage, address: string): Promise<void> {
  try {
    const { caller } = await authenticate(services, cookieCredential(request, services.publicUrl()), address);
    await signOut(services, caller);
  } catch (error) {
    if (credentialEnd(error) === null) throw error;
  }
}

/** Reads email and password from the body. @throws BAD_USER_INPUT for a body of another form */
function readCredentials(body: Buffer): { readonly email: string; readonly password: Sensitive<string> } {
  const { email, password } = readTexts(body, ['email', 'password']);
  // No account's email has a control character, and PostgreSQL rejects a NUL: with spaces the email matches no account.
  return { email: email.replaceAll(/\p{Cc}|\p{Cs}/gu, ' '), password: new Sensitive(password) };
}

/** Reads the texts of a JSON object that has these members and no other. @throws BAD_USER_INPUT for a body of another form */
function readTexts<const Name extends string>(body: Buffer, names: readonly Name[]): Readonly<Record<Name, string>> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    value = null;
  }
  const members = Object.entries((value ?? {}) as object);
  const isWhole = names.every((name) => members.some(([found, text]) => found === name && typeof text === 'string'));
  if (!isWhole || members.length !== names.length) {
    throw badUserInput(`Found another body; expected {${names.map((name) => `"${name}": …`).join(', ')}}.`);
  }
  return value as Readonly<Record<Name, string>>;
}
