import type { TrustedIssuer } from '../../prisma/generated/client/client.ts';
import { actorOf } from '../domain/event.ts';
import { fail, isFailure } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import { useCase } from '../log/use-case.ts';
import { checkTerms, columnsOf, settleTerms, type RuleTerms } from './check-rule.ts';
import { openIssuer, refuseDistrusted } from './open-issuer.ts';
import { subjectOf } from './stored-issuer.ts';

/** The most rules that an issuer may have. */
export const MOST_RULES = 100;

export interface AddTokenRuleInput extends RuleTerms {
  readonly issuerId: string;
}

export type RuleChanged = { readonly ruleId: string };

/** Has tokens of an issuer exchanged for keys, from now on: those for which all conditions hold. */
export const addTokenRule = useCase<AddTokenRuleInput, TrustedIssuer, RuleChanged>({
  name: 'addTokenRule',

  async authorize(change, caller, input) {
    checkTerms(caller, input);
    return openIssuer(change, caller, input.issuerId);
  },

  async run(change, caller, terms, issuer) {
    const refused = refuseDistrusted(issuer);
    if (refused !== null) return refused;
    const { tx, core } = change;
    const realm = await tx.realm.findUniqueOrThrow({ where: { id: issuer.realmId } });
    const owner = await settleTerms(change, caller, { ...issuer, realm }, terms);
    if (isFailure(owner)) return owner;
    if ((await tx.tokenRule.count({ where: { issuerId: issuer.id, removedAt: null } })) >= MOST_RULES) {
      return fail('TooManyTokenRules', `The issuer has ${MOST_RULES} rules already.`);
    }
    const now = change.now();
    const id = newId('rule', now, core.random);
    await tx.tokenRule.create({
      data: {
        id,
        issuerId: issuer.id,
        ...columnsOf(terms, owner),
        createdAt: now,
        changedAt: now,
      },
    });
    const data = { issuerId: issuer.id, ruleId: id, name: terms.name, owner: owner.id };
    change.tell({ type: 'TOKEN_RULE_ADDED', at: now, ...subjectOf(issuer), actor: actorOf(caller), data });
    return { ruleId: id };
  },
});
