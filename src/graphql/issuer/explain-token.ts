import type { ConditionResult } from '../../domain/token-rule.ts';
import type { Json } from '../../domain/event.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { explainToken, type TokenExplanation } from '../../issuers/explain.ts';
import type { OmittedLabel } from '../../issuers/match-rules.ts';
import { builder } from '../builder.ts';
import { TokenRuleRef, TrustedIssuerRef } from './issuer.ts';

const ExplainTokenInputRef = builder.inputType('ExplainTokenInput', {
  description: 'The token or the claims to explain. Give exactly one of token and claims.',
  fields: (t) => ({
    realm: t.string({ required: true, description: 'The slug of the realm in which the token would be exchanged.' }),
    token: t.string({ description: 'A token to verify and to match. It can still be exchanged afterwards.' }),
    claims: t.field({ type: 'JSON', description: 'The claims of a token as a JSON object: the payload of a JWT.' }),
  }),
});

const JudgedConditionRef = builder.objectRef<ConditionResult>('JudgedCondition').implement({
  description: 'The result of one condition of a rule.',
  fields: (t) => ({
    claim: t.exposeString('claim', {
      description: 'The claim that the condition compares: a name, or a JSON pointer.',
    }),
    equals: t.exposeString('equals', {
      nullable: true,
      description: 'The exact value that the condition expects. Null: the condition has a glob instead.',
    }),
    matches: t.exposeString('matches', {
      nullable: true,
      description: 'The glob that the condition expects. Null: the condition has an exact value instead.',
    }),
    found: t.exposeString('found', {
      nullable: true,
      description:
        'The value of the claim. A list, an object or a number with a fraction is shown as JSON; no condition matches it. Null: the claim is missing or null.',
    }),
    holds: t.exposeBoolean('holds', { description: 'Whether the value matches.' }),
  }),
});

const JudgedLabelRef = builder.objectRef<OmittedLabel>('JudgedLabel').implement({
  description: 'A label that a key would not get, because the claim for its value cannot be a label’s value.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name of the label.' }),
    claim: t.exposeString('claim', { description: 'The claim that the value would be taken from.' }),
    problem: t.exposeString('problem', { description: 'What is wrong with the claim, for people.' }),
  }),
});

const JudgedRuleRef = builder.objectRef<TokenExplanation['rules'][number]>('JudgedRule').implement({
  description: 'The result of one rule for a token.',
  fields: (t) => ({
    rule: t.field({
      type: TokenRuleRef,
      description: 'The token rule that was evaluated.',
      resolve: ({ rule }) => rule as never,
    }),
    isMatch: t.boolean({
      description: 'Whether all conditions match and no context is refused. The first matching rule applies.',
      resolve: ({ evaluation }) => evaluation.isMatch,
    }),
    conditions: t.field({
      type: [JudgedConditionRef],
      description: 'The result of each condition.',
      resolve: ({ evaluation }) => [...evaluation.conditions],
    }),
    omittedLabels: t.field({
      type: [JudgedLabelRef],
      description:
        'The labels that a key by this rule would not get, although their claims are present: the value is over 256 characters, or is not text. Empty: the key would get all labels of the rule.',
      resolve: ({ omittedLabels }) => [...omittedLabels],
    }),
    refused: t.string({
      nullable: true,
      description:
        'The context for which the rule refuses the token, as “claim: value”. Tokens of such a context, for example of a pull request, are refused unless the rule expects this value by equals. Null: the rule refuses no context of the token.',
      resolve: ({ evaluation: { refused } }) => (refused === null ? null : `${refused.claim}: ${refused.found}`),
    }),
  }),
});

const TokenExplanationRef = builder.objectRef<TokenExplanation>('TokenExplanation').implement({
  description: 'Whether a token would be exchanged in a realm, and why.',
  fields: (t) => ({
    problems: t.stringList({
      description: 'The problems of the token itself, apart from the rules, for people. Empty: there are none.',
      resolve: ({ problems }) => [...problems],
    }),
    issuer: t.field({
      type: TrustedIssuerRef,
      nullable: true,
      description: 'The token’s issuer. Null: the realm does not trust it.',
      resolve: ({ issuer }) => issuer as never,
    }),
    rules: t.field({
      type: [JudgedRuleRef],
      description: 'The results of all active rules of that issuer, in the order in which they are tried.',
      resolve: ({ rules }) => [...rules],
    }),
  }),
});

builder.queryField('explainToken', (t) =>
  t.field({
    type: TokenExplanationRef,
    description: 'Explains which rule matches a token, and which condition fails. Administrators only.',
    args: { input: t.arg({ type: ExplainTokenInputRef, required: true }) },
    resolve: (_root, { input: { realm, token, claims } }, { services, caller }) =>
      explainToken(services, caller, {
        realm,
        token: token == null ? null : new Sensitive(token),
        claims: (claims ?? null) as Json | null,
      }),
  }),
);
