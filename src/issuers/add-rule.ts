import type { TrustedIssuer } from '../../prisma/generated/client/client.ts';
import { actorOf } from '../domain/event.ts';
import { fail, isFailure } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import { useCase } from '../log/use-case.ts';
import { checkRuleTerms, toRuleColumns, authorizeRuleTerms, type RuleTerms } from './check-rule.ts';
import { lockIssuerForCaller, refuseDistrusted } from './open-issuer.ts';
import { issuerEventSubject } from './stored-issuer.ts';

/** The most active rules that one issuer may have. */
export const MAX_RULES_PER_ISSUER = 100;

export interface AddTokenRuleInput extends RuleTerms {
  readonly issuerId: string;
}

export type RuleChanged = { readonly ruleId: string };

/** Adds a rule to an issuer. From now on, the gateway exchanges tokens that match all of the rule’s conditions for keys. */
export const addTokenRule = useCase<AddTokenRuleInput, TrustedIssuer, RuleChanged>()({
  name: 'addTokenRule',

  async authorize(change, caller, input) {
    checkRuleTerms(caller, input);
    return lockIssuerForCaller(change, caller, input.issuerId);
  },

  async run(change, caller, terms, issuer) {
    const refused = refuseDistrusted(issuer);
    if (refused !== null) return refused;
    const { tx, core } = change;
    const realm = await tx.realm.findUniqueOrThrow({ where: { id: issuer.realmId } });
    const owner = await authorizeRuleTerms(change, caller, { ...issuer, realm }, terms);
    if (isFailure(owner)) return owner;
    if ((await tx.tokenRule.count({ where: { issuerId: issuer.id, removedAt: null } })) >= MAX_RULES_PER_ISSUER) {
      return fail('TooManyTokenRules', `This issuer already has ${MAX_RULES_PER_ISSUER} rules, the most allowed.`);
    }
    const now = change.now();
    const id = newId('rule', now, core.random);
    await tx.tokenRule.create({
      data: {
        id,
        issuerId: issuer.id,
        ...toRuleColumns(terms, owner),
        createdAt: now,
        changedAt: now,
      },
    });
    const data = { issuerId: issuer.id, ruleId: id, name: terms.name, owner: owner.id };
    change.record({ type: 'TOKEN_RULE_ADDED', at: now, ...issuerEventSubject(issuer), actor: actorOf(caller), data });
    return { ruleId: id };
  },
});
