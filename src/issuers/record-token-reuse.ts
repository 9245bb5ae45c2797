import { hash } from 'node:crypto';
import type { TrustedIssuer } from '../../prisma/generated/client/client.ts';
import { systemActor } from '../domain/event.ts';
import { change } from '../log/change.ts';
import type { Core } from '../store/core.ts';
import { tokenUseDigest, type ParsedToken } from './parse-token.ts';
import { issuerEventSubject } from './stored-issuer.ts';

/**
 * Records that a token was presented again after its exchange, without the idempotency key that repeats the response:
 * the job lost its response, or someone else has its token. Records one event for each token, however often it is
 * presented.
 */
export function recordTokenReuse(core: Core, issuer: TrustedIssuer, token: ParsedToken): Promise<void> {
  return change(core, async ({ tx, record, now }) => {
    // A second row beside the one of the exchange marks the token as recorded.
    const mark = Buffer.from(hash('sha256', tokenUseDigest(token), 'buffer'));
    const isFirst = await tx.$executeRaw`
      INSERT INTO "UsedToken" (issuer, digest, "keptUntil") VALUES (${token.issuer}, ${mark}, ${token.acceptedUntil})
      ON CONFLICT DO NOTHING`;
    if (isFirst !== 1) return;
    const data = { issuerId: issuer.id, url: issuer.url, tokenId: token.tokenId };
    record({ type: 'TOKEN_REUSED', at: now(), ...issuerEventSubject(issuer), actor: systemActor, data });
  });
}
