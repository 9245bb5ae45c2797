import type { ClaimCondition } from '../../domain/claims.ts';
import {
  readRuleClaimLabels,
  readRuleConditions,
  readRuleLabels,
  readRuleScopes,
  visibleIssuers,
  type ClaimLabel,
} from '../../issuers/stored-issuer.ts';
import type { PresetName } from '../../issuers/presets/presets.ts';
import { builder } from '../builder.ts';
import { TokenPresetEnum } from '../enums.ts';
import { LabelRef, ScopeRef } from '../key/key-parts.ts';
import { OwnerRef } from '../owner.ts';
import { RealmRef } from '../realm/realm.ts';

export const ClaimConditionRef = builder.objectRef<ClaimCondition>('ClaimCondition').implement({
  description:
    'A condition on one claim of a token: an exact value, or a glob. Exactly one of equals and matches is set.',
  fields: (t) => ({
    claim: t.exposeString('claim', {
      description: 'The claim to compare: a name, or a JSON pointer (RFC 6901) such as /kubernetes.io/namespace.',
    }),
    equals: t.exposeString('equals', {
      nullable: true,
      description: 'The exact value of the claim. Null: matches is set.',
    }),
    matches: t.exposeString('matches', {
      nullable: true,
      description:
        'A glob for the claim: * matches within a path segment (between /), ** across segments. Null: equals is set.',
    }),
  }),
});

export const ClaimLabelRef = builder.objectRef<ClaimLabel>('ClaimLabel').implement({
  description: 'A label whose value is taken from a claim of the token.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The label’s name.' }),
    claim: t.exposeString('claim', {
      description: 'The claim that gives the label’s value: a name, or a JSON pointer.',
    }),
  }),
});

export const TrustedIssuerRef = builder.prismaNode('TrustedIssuer', {
  id: { field: 'id' },
  nullable: true,
  description:
    'An issuer of OpenID Connect tokens, such as a CI provider, whose tokens are exchanged for keys of a realm. Only administrators see it.',
  findUnique: (id, { caller }) => ({ id, AND: [visibleIssuers(caller)] }),
  fields: (t) => ({
    realm: t.relation('realm', { type: RealmRef, description: 'The realm that trusts the issuer.' }),
    name: t.exposeString('name', { description: 'The issuer’s name, for people: 1 to 100 characters.' }),
    url: t.exposeString('url', { description: 'The issuer’s URL, exactly as in the `iss` of its tokens.' }),
    preset: t.field({
      type: TokenPresetEnum,
      nullable: true,
      description: 'The CI provider. Null: the issuer is none of the known providers.',
      select: { preset: true },
      resolve: ({ preset }) => preset as PresetName | null,
    }),
    audience: t.exposeString('audience', { description: 'The `aud` that tokens of the issuer must have.' }),
    keySet: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The imported public keys, as a JWK set. Null: the keys are fetched by OpenID Connect Discovery.',
      select: { keySet: true },
      resolve: ({ keySet }) => keySet,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the realm began to trust the issuer.' }),
    changedAt: t.expose('changedAt', { type: 'DateTime', description: 'When the issuer last changed.' }),
    distrustedAt: t.expose('distrustedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the realm stopped trusting the issuer. No token has been exchanged since then. Null: the issuer is trusted.',
    }),
  }),
});

export const TokenRuleRef = builder.prismaNode('TokenRule', {
  id: { field: 'id' },
  nullable: true,
  description:
    'Which tokens of an issuer are exchanged for keys, and what those keys get. Only administrators see token rules.',
  findUnique: (id, { caller }) => ({ id, AND: [{ issuer: visibleIssuers(caller) }] }),
  fields: (t) => ({
    issuer: t.relation('issuer', { type: TrustedIssuerRef, description: 'The issuer of the tokens.' }),
    name: t.exposeString('name', {
      description: 'The name of the rule, and of the keys that the rule gives: 1 to 100 characters.',
    }),
    conditions: t.field({
      type: [ClaimConditionRef],
      description: 'The conditions: 1 to 20. All must match.',
      select: { conditions: true },
      resolve: (rule) => [...readRuleConditions(rule)],
    }),
    scopes: t.field({
      type: [ScopeRef],
      description: 'The scopes of the keys.',
      select: { scopes: true },
      resolve: (rule) => [...readRuleScopes(rule)],
    }),
    labels: t.field({
      type: [LabelRef],
      description: 'The labels of the keys that do not depend on the token.',
      select: { labels: true },
      resolve: (rule) => [...readRuleLabels(rule)],
    }),
    claimLabels: t.field({
      type: [ClaimLabelRef],
      description: 'The labels of the keys whose values are taken from claims. Every key also gets `ci/consumer`.',
      select: { claimLabels: true },
      resolve: (rule) => [...readRuleClaimLabels(rule)],
    }),
    owner: t.field({
      type: OwnerRef,
      description: 'The account or organization that owns the keys.',
      select: (_args, _context, nestedSelection) => ({
        account: nestedSelection(true, [], 'Account'),
        organization: nestedSelection(true, [], 'Organization'),
      }),
      resolve: ({ account, organization }) => account ?? organization ?? fault('a rule without an owner'),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the rule was added.' }),
    changedAt: t.expose('changedAt', { type: 'DateTime', description: 'When the rule last changed.' }),
    removedAt: t.expose('removedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the rule was removed. It has given no key since then. Null: the rule is active.',
    }),
  }),
});

function fault(message: string): never {
  throw new Error(message);
}
