import { isAllowedOrigin, type RequestOrigin } from '../domain/origin.ts';
import { addMs, hasCome } from '../domain/key.ts';
import { isPortalCode, PORTAL_CODE_MS, portalDigest } from '../domain/portal.ts';
import { unauthenticated } from '../domain/request-error.ts';
import { Sensitive } from '../domain/sensitive.ts';
import { change } from '../log/change.ts';
import type { Core } from '../store/core.ts';
import { findSessionOfCode } from '../keys/portal-session.ts';

export interface ExchangedCode {
  readonly token: Sensitive<string>;
  readonly expiresAt: Date;
}

/**
 * Exchanges the one-time code from the URL of a portal session for its token, once and within 60 seconds. A page of another
 * origin is refused, and the code stays good for the page that it was made for.
 *
 * @throws UNAUTHENTICATED for a code that is unknown, used or too old, and for a page of another origin.
 */
export async function exchangePortalCode(
  core: Core,
  code: Sensitive<string>,
  origin: RequestOrigin,
): Promise<ExchangedCode> {
  const refused = unauthenticated('The code is unknown, was exchanged before, or is over 60 seconds old.');
  if (!isPortalCode(code.reveal())) throw refused;
  return change(core, async ({ tx, now }) => {
    const digest = portalDigest(code);
    const [row] = await tx.$queryRaw<{ sealedToken: Uint8Array | null; createdAt: Date }[]>`
      SELECT "sealedToken", "createdAt" FROM "PortalSession" WHERE "codeDigest" = ${digest} FOR UPDATE`;
    const at = now();
    const session = row === undefined ? null : await findSessionOfCode(tx, code, at);
    if (row === undefined || session === null || row.sealedToken === null || session.isEnded) throw refused;
    if (hasCome(addMs(row.createdAt, PORTAL_CODE_MS), at) || hasCome(session.endsAt, at)) throw refused;
    if (!isAllowedOrigin(origin, session.origins)) throw unauthenticated('Pages of this origin may not exchange it.');
    const { id } = session.caller;
    await tx.portalSession.update({
      where: { id },
      data: { codeDigest: null, sealedToken: null, firstUsedAt: at },
      select: { id: true },
    });
    const text = core.sealer.derive('portal', code.reveal()).open(row.sealedToken, id);
    return { token: new Sensitive(text), expiresAt: session.endsAt };
  });
}
