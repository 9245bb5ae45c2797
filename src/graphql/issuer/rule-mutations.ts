import { addTokenRule, type RuleChanged } from '../../issuers/add-rule.ts';
import type { RuleTerms } from '../../issuers/check-rule.ts';
import { removeTokenRule } from '../../issuers/remove-rule.ts';
import { updateTokenRule } from '../../issuers/update-rule.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey, ScopeInputRef } from '../common-inputs.ts';
import { LabelInputRef } from '../key/key-filter.ts';
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
        'A glob for the claim, case-sensitive: * stays inside a path segment (between /), ** crosses. Not for `sub`.',
    }),
  }),
});

const ClaimLabelInputRef = builder.inputType('ClaimLabelInput', {
  description: 'A label whose value is taken from a claim of the token.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'The label’s name. Not under policy/.' }),
    claim: t.string({
      required: true,
      description: 'The claim that gives the value: a name, or a JSON pointer. Without it, the key gets no such label.',
    }),
  }),
});

const descriptions = {
  name: 'The name of the rule, and of the keys that it gives: 1 to 100 characters.',
  conditions:
    'The conditions: 1 to 20. All must match. For providers with immutable ids (GitHub, GitLab, …) at least one must match an id exactly, by equals.',
  scopes: 'The scopes of the keys, as in issueKey.',
  labels: 'The labels of the keys that do not depend on the token.',
  claimLabels:
    'The labels of the keys whose values are taken from claims: at most 10. Every key also gets `ci/consumer`, the project of the job.',
  owner: 'The account or organization that owns the keys.',
};

const AddTokenRuleInputRef = builder.inputType('AddTokenRuleInput', {
  description: 'The rule to add to an issuer.',
  fields: (t) => ({
    issuerId: t.id({ required: true, description: 'The issuer of the tokens.' }),
    name: t.string({ required: true, description: descriptions.name }),
    conditions: t.field({ type: [ClaimConditionInputRef], required: true, description: descriptions.conditions }),
    scopes: t.field({ type: [ScopeInputRef], required: true, description: descriptions.scopes }),
    labels: t.field({ type: [LabelInputRef], description: descriptions.labels }),
    claimLabels: t.field({ type: [ClaimLabelInputRef], description: descriptions.claimLabels }),
    owner: t.id({ required: true, description: descriptions.owner }),
    idempotencyKey: t.string(),
  }),
});

const UpdateTokenRuleInputRef = builder.inputType('UpdateTokenRuleInput', {
  description: 'The changes of a rule. What is left out stays unchanged; a list that is given replaces the whole list.',
  fields: (t) => ({
    ruleId: t.id({ required: true, description: 'The rule to change.' }),
    name: t.string({ description: descriptions.name }),
    conditions: t.field({ type: [ClaimConditionInputRef], description: descriptions.conditions }),
    scopes: t.field({ type: [ScopeInputRef], description: descriptions.scopes }),
    labels: t.field({ type: [LabelInputRef], description: descriptions.labels }),
    claimLabels: t.field({ type: [ClaimLabelInputRef], description: descriptions.claimLabels }),
    owner: t.id({ description: descriptions.owner }),
    idempotencyKey: t.string(),
  }),
});

const RemoveTokenRuleInputRef = builder.inputType('RemoveTokenRuleInput', {
  description: 'Which rule to remove.',
  fields: (t) => ({
    ruleId: t.id({ required: true, description: 'The rule to remove.' }),
    reason: t.string(),
    idempotencyKey: t.string(),
  }),
});

function defineRuleSuccess(mutation: string, description: string) {
  const ref = builder.objectRef<RuleChanged>(`${mutation}Success`).implement({ description });
  builder.objectField(ref, 'rule', (t) =>
    t.prismaField({
      type: TokenRuleRef,
      description: 'The rule after the change.',
      resolve: (query, { ruleId }, _args, { services }) =>
        services.prisma.tokenRule.findUniqueOrThrow({ ...query, where: { id: ruleId } }),
    }),
  );
  return ref;
}

const termFailures = ['OwnerNotFound', 'OwnerNotActive', 'ScopeNotAllowed', 'TokenRuleNotPinned'] as const;

const AddTokenRuleResult = resultType('AddTokenRule', defineRuleSuccess('AddTokenRule', 'The rule was added.'), [
  'IssuerNotFound',
  ...termFailures,
  'TooManyTokenRules',
  'IdempotencyConflict',
]);

const UpdateTokenRuleResult = resultType(
  'UpdateTokenRule',
  defineRuleSuccess('UpdateTokenRule', 'The rule was updated.'),
  ['TokenRuleNotFound', ...termFailures, 'IdempotencyConflict'],
);

const RemoveTokenRuleResult = resultType(
  'RemoveTokenRule',
  defineRuleSuccess('RemoveTokenRule', 'The rule was removed.'),
  ['TokenRuleNotFound', 'IdempotencyConflict'],
);

builder.mutationField('addTokenRule', (t) =>
  t.field({
    type: AddTokenRuleResult,
    description:
      'Adds a rule: from now on, tokens of the issuer that match it are exchanged for keys. Administrators only.',
    args: { input: t.arg({ type: AddTokenRuleInputRef, required: true }) },
    resolve: (_root, { input }, { services, caller }) =>
      addTokenRule(services, caller, {
        issuerId: input.issuerId,
        name: input.name,
        conditions: input.conditions.map(toClaimCondition),
        scopes: input.scopes,
        labels: input.labels ?? [],
        claimLabels: input.claimLabels ?? [],
        owner: input.owner,
        ...checkIdempotencyKey(input.idempotencyKey),
      }),
  }),
);

builder.mutationField('updateTokenRule', (t) =>
  t.field({
    type: UpdateTokenRuleResult,
    description:
      'Changes a rule, from the next token on. Keys that were already issued do not change. Administrators only.',
    args: { input: t.arg({ type: UpdateTokenRuleInputRef, required: true }) },
    resolve: (_root, { input: { ruleId, idempotencyKey, ...terms } }, { services, caller }) =>
      updateTokenRule(services, caller, { ruleId, ...toChangedTerms(terms), ...checkIdempotencyKey(idempotencyKey) }),
  }),
);

builder.mutationField('removeTokenRule', (t) =>
  t.field({
    type: RemoveTokenRuleResult,
    description: 'Removes a rule: no token is exchanged by it any more. Administrators only.',
    args: { input: t.arg({ type: RemoveTokenRuleInputRef, required: true }) },
    resolve: (_root, { input: { ruleId, reason, idempotencyKey } }, { services, caller }) =>
      removeTokenRule(services, caller, { ruleId, reason: reason ?? null, ...checkIdempotencyKey(idempotencyKey) }),
  }),
);

function toClaimCondition({ claim, equals, matches }: typeof ClaimConditionInputRef.$inferInput) {
  return { claim, equals: equals ?? null, matches: matches ?? null };
}

function toChangedTerms({
  name,
  conditions,
  scopes,
  labels,
  claimLabels,
  owner,
}: Omit<typeof UpdateTokenRuleInputRef.$inferInput, 'ruleId' | 'idempotencyKey'>): Partial<RuleTerms> {
  return {
    ...(name != null && { name }),
    ...(conditions != null && { conditions: conditions.map(toClaimCondition) }),
    ...(scopes != null && { scopes }),
    ...(labels != null && { labels }),
    ...(claimLabels != null && { claimLabels }),
    ...(owner != null && { owner }),
  };
}
