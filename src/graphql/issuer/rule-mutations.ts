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
  description: 'One of equals and matches.',
  fields: (t) => ({
    claim: t.string({ required: true, description: 'A name, or a JSON pointer such as /kubernetes.io/namespace.' }),
    equals: t.string(),
    matches: t.string({ description: 'A glob: * stays inside a path segment (between /), ** crosses.' }),
  }),
});

const ClaimLabelInputRef = builder.inputType('ClaimLabelInput', {
  fields: (t) => ({ name: t.string({ required: true }), claim: t.string({ required: true }) }),
});

const descriptions = {
  conditions: 'All of them have to hold. Of a provider that has ids at least one is asked for, by equals.',
  claimLabels: 'Labels that say what claims of the token say.',
  owner: 'The account or organization that owns the keys.',
};

const AddTokenRuleInputRef = builder.inputType('AddTokenRuleInput', {
  fields: (t) => ({
    issuerId: t.id({ required: true }),
    name: t.string({ required: true, description: 'Of the rule, and of the keys.' }),
    conditions: t.field({ type: [ClaimConditionInputRef], required: true, description: descriptions.conditions }),
    scopes: t.field({ type: [ScopeInputRef], required: true }),
    labels: t.field({ type: [LabelInputRef] }),
    claimLabels: t.field({ type: [ClaimLabelInputRef], description: descriptions.claimLabels }),
    owner: t.id({ required: true, description: descriptions.owner }),
    idempotencyKey: t.string(),
  }),
});

const UpdateTokenRuleInputRef = builder.inputType('UpdateTokenRuleInput', {
  description: 'What is left out stays as it is.',
  fields: (t) => ({
    ruleId: t.id({ required: true }),
    name: t.string(),
    conditions: t.field({ type: [ClaimConditionInputRef], description: descriptions.conditions }),
    scopes: t.field({ type: [ScopeInputRef] }),
    labels: t.field({ type: [LabelInputRef] }),
    claimLabels: t.field({ type: [ClaimLabelInputRef], description: descriptions.claimLabels }),
    owner: t.id({ description: descriptions.owner }),
    idempotencyKey: t.string(),
  }),
});

const RemoveTokenRuleInputRef = builder.inputType('RemoveTokenRuleInput', {
  fields: (t) => ({ ruleId: t.id({ required: true }), reason: t.string(), idempotencyKey: t.string() }),
});

function defineRuleSuccess(mutation: string) {
  const ref = builder
    .objectRef<RuleChanged>(`${mutation}Success`)
    .implement({ description: 'The rule, as it is now.' });
  builder.objectField(ref, 'rule', (t) =>
    t.prismaField({
      type: TokenRuleRef,
      resolve: (query, { ruleId }, _args, { services }) =>
        services.prisma.tokenRule.findUniqueOrThrow({ ...query, where: { id: ruleId } }),
    }),
  );
  return ref;
}

const termFailures = ['OwnerNotFound', 'OwnerNotActive', 'ScopeNotAllowed', 'TokenRuleNotPinned'] as const;

const AddTokenRuleResult = resultType('AddTokenRule', defineRuleSuccess('AddTokenRule'), [
  'IssuerNotFound',
  ...termFailures,
  'TooManyTokenRules',
  'IdempotencyConflict',
]);

const UpdateTokenRuleResult = resultType('UpdateTokenRule', defineRuleSuccess('UpdateTokenRule'), [
  'TokenRuleNotFound',
  ...termFailures,
  'IdempotencyConflict',
]);

const RemoveTokenRuleResult = resultType('RemoveTokenRule', defineRuleSuccess('RemoveTokenRule'), [
  'TokenRuleNotFound',
  'IdempotencyConflict',
]);

builder.mutationField('addTokenRule', (t) =>
  t.field({
    type: AddTokenRuleResult,
    description: 'Has tokens of an issuer exchanged for keys, from now on. For administrators.',
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
    description: 'Changes a rule, from the next token on. For administrators.',
    args: { input: t.arg({ type: UpdateTokenRuleInputRef, required: true }) },
    resolve: (_root, { input: { ruleId, idempotencyKey, ...terms } }, { services, caller }) =>
      updateTokenRule(services, caller, { ruleId, ...toChangedTerms(terms), ...checkIdempotencyKey(idempotencyKey) }),
  }),
);

builder.mutationField('removeTokenRule', (t) =>
  t.field({
    type: RemoveTokenRuleResult,
    description: 'Takes a rule away: from then on no token is exchanged by it. For administrators.',
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
