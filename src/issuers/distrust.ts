import type { TrustedIssuer } from '../../prisma/generated/client/client.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { actorOf } from '../domain/event.ts';
import { useCase } from '../log/use-case.ts';
import { lockIssuerForCaller, refuseDistrusted } from './open-issuer.ts';
import { issuerEventSubject } from './stored-issuer.ts';
import type { IssuerChanged } from './trust.ts';

export interface DistrustIssuerInput {
  readonly issuerId: string;
  readonly reason: string | null;
}

/** Takes no more tokens of an issuer. Keys that were exchanged live on for what is left of their quarter of an hour. */
export const distrustIssuer = useCase<DistrustIssuerInput, TrustedIssuer, IssuerChanged>({
  name: 'distrustIssuer',

  async authorize(change, caller, { issuerId, reason }) {
    if (reason !== null) checkText('reason', reason, LONGEST_REASON);
    return lockIssuerForCaller(change, caller, issuerId);
  },

  async run(change, caller, { reason }, issuer) {
    const refused = refuseDistrusted(issuer);
    if (refused !== null) return refused;
    const { id, url } = issuer;
    const now = change.now();
    await change.tx.trustedIssuer.update({ where: { id }, data: { distrustedAt: now, changedAt: now } });
    const told = { at: now, ...issuerEventSubject(issuer), actor: actorOf(caller), reason };
    change.record({ ...told, type: 'ISSUER_DISTRUSTED', data: { issuerId: id, url } });
    return { issuerId: id };
  },
});
