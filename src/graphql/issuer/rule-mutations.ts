import { addTokenRule, type RuleChanged } from '../../issuers/add-rule.ts';
import { removeTokenRule } from '../../issuers/remove-rule.ts';
import { updateTokenRule } from '../../issuers/update-rule.ts';
import { builder } from '../builder.ts';
import { ScopeInputRef } from '../common-inputs.ts';
import { LabelInputRef } from '../key/key-filter.ts';
import { mutation, type SuccessFields } from '../mutation.ts';
import { TokenRuleRef } from './issuer.ts';

const ClaimConditionInputRef = builder.inputType('ClaimConditionInput', {
  description: 'A condition on one claim of a token. Give exactly one of equals and matches.',
  fields: (t) => ({
    claim: t.string({
      required: true,
      description:
        'The claim to compare: a name, or a JSON pointer (RFC 6901) such as /kubernetes.io/namespace. At most 200 characters.',
    }),
    equals: t.string({ description: 'The exact value of the claim, case-sensitive: at most 512 characters.' }),
    matches: t.string({
      description:
        'A glob for the claim, case-sensitive: * matches within a path segment (between /), ** across segments. Not for `sub`.',
    }),
  }),
});

const ClaimLabelInputRef = builder.inputType('ClaimLabelInput', {
  description: 'A label whose value is taken from a claim of the token.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'The label’s name. Not under policy/.' }),
    claim: t.string({
      required: true,
      description:
        'The claim that gives the value: a name, or a JSON pointer. If a token does not have the claim, its key does not get the label.',
    }),
  }),
});

const descriptions = {
  name: 'The name of the rule, and of the keys that the rule gives: 1 to 100 characters.',
  conditions:
    'The conditions: 1 to 20. All must match. For providers with immutable ids (GitHub, GitLab, …) at least one must match an id exactly, by equals.',
  scopes: 'The scopes of the keys, as in issueKey.',
  labels: 'The labels of the keys that do not depend on the token.',
  claimLabels:
    'The labels of the keys whose values are taken from claims: at most 10. Every key also gets `ci/consumer`, the project of the job.',
  owner: 'The account or organization that owns the keys.',
};

const termFailures = ['OwnerNotFound', 'OwnerNotActive', 'ScopeNotAllowed', 'TokenRuleNotPinned'] as const;

mutation('addTokenRule', {
  description:
    'Adds a rule: from now on, tokens of the issuer that match it are exchanged for keys. Administrators only.',
  input: {
    description: 'The rule to add to an issuer.',
    fields: (t) => ({
      issuerId: t.id({ required: true, description: 'The issuer of the tokens.' }),
      name: t.string({ required: true, description: descriptions.name }),
      conditions: t.field({ type: [ClaimConditionInputRef], required: true, description: descriptions.conditions }),
      scopes: t.field({ type: [ScopeInputRef], required: true, description: descriptions.scopes }),
      labels: t.field({ type: [LabelInputRef], description: descriptions.labels }),
      claimLabels: t.field({ type: [ClaimLabelInputRef], description: descriptions.claimLabels }),
      owner: t.id({ required: true, description: descriptions.owner }),
    }),
  },
  useCase: addTokenRule,
  toInput: (input) => ({
    issuerId: input.issuerId,
    name: input.name,
    conditions: input.conditions.map(toClaimCondition),
    scopes: input.scopes,
    labels: input.labels ?? [],
    claimLabels: input.claimLabels ?? [],
    owner: input.owner,
  }),
  failures: ['IssuerNotFound', ...termFailures, 'TooManyTokenRules'],
  success: { description: 'The rule was added.', fields: ruleFields },
});

mutation('updateTokenRule', {
  description:
    'Changes a rule, from the next token on. Keys that were already issued do not change. Administrators only.',
  input: {
    description:
      'The changes of a rule. What is left out stays unchanged; a list that is given replaces the whole list.',
    fields: (t) => ({
      ruleId: t.id({ required: true, description: 'The rule to change.' }),
      name: t.string({ description: descriptions.name }),
      conditions: t.field({ type: [ClaimConditionInputRef], description: descriptions.conditions }),
      scopes: t.field({ type: [ScopeInputRef], description: descriptions.scopes }),
      labels: t.field({ type: [LabelInputRef], description: descriptions.labels }),
      claimLabels: t.field({ type: [ClaimLabelInputRef], description: descriptions.claimLabels }),
      owner: t.id({ description: descriptions.owner }),
    }),
  },
  useCase: updateTokenRule,
  toInput: ({ ruleId, name, conditions, scopes, labels, claimLabels, owner }) => ({
    ruleId,
    ...(name != null && { name }),
    ...(conditions != null && { conditions: conditions.map(toClaimCondition) }),
    ...(scopes != null && { scopes }),
    ...(labels != null && { labels }),
    ...(claimLabels != null && { claimLabels }),
    ...(owner != null && { owner }),
  }),
  failures: ['TokenRuleNotFound', ...termFailures],
  success: { description: 'The rule was updated.', fields: ruleFields },
});

mutation('removeTokenRule', {
  description: 'Removes a rule: no token is exchanged by this rule any more. Administrators only.',
  input: {
    description: 'Which rule to remove.',
    fields: (t) => ({
      ruleId: t.id({ required: true, description: 'The rule to remove.' }),
      reason: t.string(),
    }),
  },
  useCase: removeTokenRule,
  toInput: ({ ruleId, reason }) => ({ ruleId, reason: reason ?? null }),
  failures: ['TokenRuleNotFound'],
  success: { description: 'The rule was removed.', fields: ruleFields },
});

/** Builds the fields of a mutation that changes a token rule: the rule after the change. */
function ruleFields(t: SuccessFields<RuleChanged>) {
  return {
    rule: t.prismaField({
      type: TokenRuleRef,
      description: 'The rule after the change.',
      resolve: (query, { ruleId }, _args, { services }) =>
        services.prisma.tokenRule.findUniqueOrThrow({ ...query, where: { id: ruleId } }),
    }),
  };
}

function toClaimCondition({ claim, equals, matches }: typeof ClaimConditionInputRef.$inferInput) {
  return { claim, equals: equals ?? null, matches: matches ?? null };
}
