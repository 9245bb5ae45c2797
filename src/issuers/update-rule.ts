import { actorOf } from '../domain/event.ts';
import { isFailure } from '../domain/failure.ts';
import { useCase } from '../log/use-case.ts';
import type { RuleChanged } from './add-rule.ts';
import { checkTerms, columnsOf, settleTerms, type RuleTerms } from './check-rule.ts';
import { openRule, refuseRemoved, type OpenRule } from './open-issuer.ts';
import { claimLabelsOf, conditionsOf, labelsGiven, scopesGiven, subjectOf } from './stored-issuer.ts';

export interface UpdateTokenRuleInput extends Partial<RuleTerms> {
  readonly ruleId: string;
}

/** Changes a rule, from the next token on: what is left out stays as it is. Keys that are there keep what they were given. */
export const updateTokenRule = useCase<UpdateTokenRuleInput, OpenRule, RuleChanged>({
  name: 'updateTokenRule',

  async authorize(change, caller, input) {
    checkTerms(caller, input);
    return openRule(change, caller, input.ruleId);
  },

  async run(change, caller, { ruleId, ...asked }, rule) {
    const refused = refuseRemoved(rule);
    if (refused !== null) return refused;
    const { tx } = change;
    const changed = Object.keys(asked);
    if (changed.length === 0) return { ruleId };
    const terms = { ...termsOf(rule), ...asked };
    checkTerms(caller, terms);
    const realm = await tx.realm.findUniqueOrThrow({ where: { id: rule.issuer.realmId } });
    const owner = await settleTerms(change, caller, { ...rule.issuer, realm }, terms);
    if (isFailure(owner)) return owner;
    const now = change.now();
    await tx.tokenRule.update({
      where: { id: ruleId },
      data: {
        ...columnsOf(terms, owner),
        changedAt: now,
      },
    });
    const data = { issuerId: rule.issuerId, ruleId, changed };
    change.tell({ type: 'TOKEN_RULE_UPDATED', at: now, ...subjectOf(rule.issuer), actor: actorOf(caller), data });
    return { ruleId };
  },
});

function termsOf(rule: OpenRule): RuleTerms {
  return {
    name: rule.name,
    conditions: conditionsOf(rule),
    scopes: scopesGiven(rule),
    labels: labelsGiven(rule),
    claimLabels: claimLabelsOf(rule),
    owner: rule.accountId ?? rule.organizationId ?? '',
  };
}
