import type { TrustedIssuer } from '../../prisma/generated/client/client.ts';
import { actorOf, type Json } from '../domain/event.ts';
import { pickChanged } from '../domain/pick-changed.ts';
import { useCase } from '../log/use-case.ts';
import { checkNames, parseImportedKeySet, refuseDuplicateIssuer } from './check-issuer.ts';
import { lockIssuerForCaller, refuseDistrusted } from './open-issuer.ts';
import { issuerEventSubject } from './stored-issuer.ts';
import type { IssuerChanged } from './trust.ts';

export interface UpdateIssuerInput {
  readonly issuerId: string;
  /** Null: unchanged. */
  readonly name: string | null;
  /** Null: unchanged. */
  readonly audience: string | null;
  /** Replaces the imported key set, or discovery; null: unchanged. */
  readonly keySet: Json | null;
}

/** Changes the name, audience or key set of an issuer. Applies from the next token on. */
export const updateIssuer = useCase<UpdateIssuerInput, TrustedIssuer, IssuerChanged>()({
  name: 'updateIssuer',

  async authorize(change, caller, input) {
    checkNames(input);
    return lockIssuerForCaller(change, caller, input.issuerId);
  },

  async run(change, caller, { name, audience, keySet }, issuer) {
    const refused = refuseDistrusted(issuer);
    if (refused !== null) return refused;
    const { tx } = change;
    const { id, url } = issuer;
    const fields = Object.entries({ name, audience, keySet });
    const changed = fields.flatMap(([field, value]) => (value === null ? [] : [field]));
    if (changed.length === 0) return { issuerId: id };
    const imported = keySet === null ? {} : { keySet: parseImportedKeySet(keySet) as object };
    const now = change.now();
    if (audience !== null) {
      const taken = await refuseDuplicateIssuer(tx, { id, url, audience });
      if (taken !== null) return taken;
    }
    const texts = { ...(name !== null && { name }), ...(audience !== null && { audience }) };
    await tx.trustedIssuer.update({ where: { id }, data: { ...texts, ...imported, changedAt: now } });
    const present = { name: issuer.name, audience: issuer.audience };
    const data = {
      issuerId: id,
      changed,
      ...(audience !== null && { audience }),
      ...pickChanged(changed, present, { ...present, ...texts }),
    };
    change.record({ type: 'ISSUER_UPDATED', at: now, ...issuerEventSubject(issuer), actor: actorOf(caller), data });
    return { issuerId: id };
  },
});
