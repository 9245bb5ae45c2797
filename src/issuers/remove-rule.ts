import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { actorOf } from '../domain/event.ts';
import { useCase } from '../log/use-case.ts';
import type { RuleChanged } from './add-rule.ts';
import { lockRuleForCaller, refuseRemoved, type RuleWithIssuer } from './open-issuer.ts';
import { issuerEventSubject } from './stored-issuer.ts';

export interface RemoveTokenRuleInput {
  readonly ruleId: string;
  readonly reason: string | null;
}

/** Removes a rule. From now on no token is exchanged by it; keys that were issued by it live to the end of their 15 minutes. */
export const removeTokenRule = useCase<RemoveTokenRuleInput, RuleWithIssuer, RuleChanged>()({
  name: 'removeTokenRule',

  async authorize(change, caller, { ruleId, reason }) {
    if (reason !== null) checkText('reason', reason, LONGEST_REASON);
    return lockRuleForCaller(change, caller, ruleId);
  },

  async run(change, caller, { ruleId, reason }, rule) {
    const refused = refuseRemoved(rule);
    if (refused !== null) return refused;
    const { issuer, issuerId, name } = rule;
    const now = change.now();
    await change.tx.tokenRule.update({ where: { id: ruleId }, data: { removedAt: now, changedAt: now } });
    const common = { at: now, ...issuerEventSubject(issuer), actor: actorOf(caller), reason };
    change.record({ ...common, type: 'TOKEN_RULE_REMOVED', data: { issuerId, ruleId, name } });
    return { ruleId };
  },
});
