import { actorOf } from '../domain/event.ts';
import { isFailure } from '../domain/failure.ts';
import { pickChanged } from '../domain/pick-changed.ts';
import { useCase } from '../log/use-case.ts';
import type { RuleChanged } from './add-rule.ts';
import { checkRuleTerms, toRuleColumns, authorizeRuleTerms, type RuleTerms } from './check-rule.ts';
import { lockRuleForCaller, refuseRemoved, type RuleWithIssuer } from './open-issuer.ts';
import {
  readRuleClaimLabels,
  readRuleConditions,
  readRuleLabels,
  readRuleScopes,
  issuerEventSubject,
} from './stored-issuer.ts';

export interface UpdateTokenRuleInput extends Partial<RuleTerms> {
  readonly ruleId: string;
}

/** Changes a rule from the next token on. Terms that are left out stay unchanged, and keys that were already issued do not change. */
export const updateTokenRule = useCase<UpdateTokenRuleInput, RuleWithIssuer, RuleChanged>()({
  name: 'updateTokenRule',

  async authorize(change, caller, input) {
    checkRuleTerms(caller, input);
    return lockRuleForCaller(change, caller, input.ruleId);
  },

  async run(change, caller, { ruleId, ...changes }, rule) {
    const refused = refuseRemoved(rule);
    if (refused !== null) return refused;
    const { tx } = change;
    const changed = Object.keys(changes);
    if (changed.length === 0) return { ruleId };
    const before = toRuleTerms(rule);
    const terms = { ...before, ...changes };
    checkRuleTerms(caller, terms);
    const realm = await tx.realm.findUniqueOrThrow({ where: { id: rule.issuer.realmId } });
    const owner = await authorizeRuleTerms(change, caller, { ...rule.issuer, realm }, terms);
    if (isFailure(owner)) return owner;
    const now = change.now();
    await tx.tokenRule.update({
      where: { id: ruleId },
      data: {
        ...toRuleColumns(terms, owner),
        changedAt: now,
      },
    });
    const values = pickChanged(changed, toEventTerms(before), toEventTerms(terms));
    const data = { issuerId: rule.issuerId, ruleId, changed, ...values };
    change.record({
      type: 'TOKEN_RULE_UPDATED',
      at: now,
      ...issuerEventSubject(rule.issuer),
      actor: actorOf(caller),
      data,
    });
    return { ruleId };
  },
});

function toRuleTerms(rule: RuleWithIssuer): RuleTerms {
  return {
    name: rule.name,
    conditions: readRuleConditions(rule),
    scopes: readRuleScopes(rule),
    labels: readRuleLabels(rule),
    claimLabels: readRuleClaimLabels(rule),
    owner: rule.accountId ?? rule.organizationId ?? '',
  };
}

/** Returns terms as events record them: without values with @, as these may be email addresses. */
function toEventTerms({ name, conditions, scopes, labels, claimLabels, owner }: RuleTerms) {
  const redact = (text: string | null) => (text?.includes('@') ? '[redacted]' : text);
  return {
    name,
    conditions: conditions.map(({ claim, equals, matches }) => {
      return { claim, equals: redact(equals), matches: redact(matches) };
    }),
    scopes: scopes.map(({ action, resource }) => ({ action, resource })),
    labels: labels.map((label) => ({ name: label.name, value: label.value })),
    claimLabels: claimLabels.map((label) => ({ name: label.name, claim: label.claim })),
    owner,
  };
}
