import type { TokenRule } from '../../../prisma/generated/client/client.ts';
import type { ConditionResult, RuleResult } from '../../domain/token-rule.ts';
import type { Json } from '../../domain/event.ts';
import { Sensitive } from '../../domain/sensitive.ts';
import { explainToken, type TokenExplanation } from '../../issuers/explain.ts';
import { builder } from '../builder.ts';
import { TokenRuleRef, TrustedIssuerRef } from './issuer.ts';

const ExplainTokenInputRef = builder.inputType('ExplainTokenInput', {
  description: 'One of token and claims.',
  fields: (t) => ({
    realm: t.string({ required: true, description: 'Its slug.' }),
    token: t.string({ description: 'It is looked at, and not used up.' }),
    claims: t.field({ type: 'JSON', description: 'What a token says: its payload.' }),
  }),
});

const JudgedConditionRef = builder.objectRef<ConditionResult>('JudgedCondition').implement({
  description: 'What became of one condition of a rule.',
  fields: (t) => ({
    claim: t.exposeString('claim'),
    equals: t.exposeString('equals', { nullable: true }),
    matches: t.exposeString('matches', { nullable: true }),
    found: t.exposeString('found', { nullable: true, description: 'Null: the claim is not there, or is no text.' }),
    holds: t.exposeBoolean('holds'),
  }),
});

const JudgedRuleRef = builder
  .objectRef<{ readonly rule: TokenRule; readonly evaluation: RuleResult }>('JudgedRule')
  .implement({
    description: 'What one rule makes of a token.',
    fields: (t) => ({
      rule: t.field({ type: TokenRuleRef, resolve: ({ rule }) => rule as never }),
      isMatch: t.boolean({
        description: 'Whether all conditions hold and nothing is refused. Of those that match the first counts.',
        resolve: ({ evaluation }) => evaluation.isMatch,
      }),
      conditions: t.field({ type: [JudgedConditionRef], resolve: ({ evaluation }) => [...evaluation.conditions] }),
      refused: t.string({
        nullable: true,
        description:
          'A context from which nothing is taken unless a rule asks for it by equals: its claim, and what that says.',
        resolve: ({ evaluation: { refused } }) => (refused === null ? null : `${refused.claim}: ${refused.found}`),
      }),
    }),
  });

const TokenExplanationRef = builder.objectRef<TokenExplanation>('TokenExplanation').implement({
  description: 'What would become of a token in a realm, and why.',
  fields: (t) => ({
    problems: t.stringList({
      description: 'What is wrong with the token itself, whatever rules say, for people; empty: nothing.',
      resolve: ({ problems }) => [...problems],
    }),
    issuer: t.field({
      type: TrustedIssuerRef,
      nullable: true,
      description: 'Null: the realm trusts no issuer that it is of.',
      resolve: ({ issuer }) => issuer as never,
    }),
    rules: t.field({
      type: [JudgedRuleRef],
      description: 'Every rule of that issuer, in the order in which they are asked.',
      resolve: ({ rules }) => [...rules],
    }),
  }),
});

builder.queryField('explainToken', (t) =>
  t.field({
    type: TokenExplanationRef,
    description: 'Which rule matches a token, and which claim fails. For administrators; nobody else learns anything.',
    args: { input: t.arg({ type: ExplainTokenInputRef, required: true }) },
    resolve: (_root, { input: { realm, token, claims } }, { services, caller }) =>
      explainToken(services, caller, {
        realm,
        token: token == null ? null : new Sensitive(token),
        claims: (claims ?? null) as Json | null,
      }),
  }),
);
