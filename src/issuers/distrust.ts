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

/** Stops trusting an issuer: its tokens are no longer exchanged. Keys that were already issued live to the end of their 15 minutes. */
export const distrustIssuer = useCase<DistrustIssuerInput, TrustedIssuer, IssuerChanged>()({
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
    const common = { at: now, ...issuerEventSubject(issuer), actor: actorOf(caller), reason };
    change.record({ ...common, type: 'ISSUER_DISTRUSTED', data: { issuerId: id, url } });
    return { issuerId: id };
  },
});
