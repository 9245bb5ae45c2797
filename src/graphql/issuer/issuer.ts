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
import { LabelRef, ScopeRef } from '../key/key.ts';
import { OwnerRef } from '../owner.ts';
import { RealmRef } from '../realm/realm.ts';

const ClaimConditionRef = builder.objectRef<ClaimCondition>('ClaimCondition').implement({
  description: 'What a rule asks of one claim: one of equals and matches.',
  fields: (t) => ({
    claim: t.exposeString('claim', { description: 'A name, or a JSON pointer such as /kubernetes.io/namespace.' }),
    equals: t.exposeString('equals', { nullable: true }),
    matches: t.exposeString('matches', {
      nullable: true,
      description: 'A glob: * stays inside a path segment (between /), ** crosses.',
    }),
  }),
});

const ClaimLabelRef = builder.objectRef<ClaimLabel>('ClaimLabel').implement({
  description: 'A label that says what a claim said.',
  fields: (t) => ({ name: t.exposeString('name'), claim: t.exposeString('claim') }),
});

export const TrustedIssuerRef = builder.prismaNode('TrustedIssuer', {
  id: { field: 'id' },
  nullable: true,
  description: 'Whose tokens are exchanged for keys of a realm. For its administrators.',
  findUnique: (id, { caller }) => ({ id, AND: [visibleIssuers(caller)] }),
  fields: (t) => ({
    realm: t.relation('realm', { type: RealmRef }),
    name: t.exposeString('name'),
    url: t.exposeString('url', { description: 'As its tokens have it in `iss`.' }),
    preset: t.field({
      type: TokenPresetEnum,
      nullable: true,
      description: 'What is known of that provider; null: nothing.',
      select: { preset: true },
      resolve: ({ preset }) => preset as PresetName | null,
    }),
    audience: t.exposeString('audience', { description: 'Whom its tokens have to be for: `aud`.' }),
    keySet: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Its public keys, as they were imported; null: they are found by discovery.',
      select: { keySet: true },
      resolve: ({ keySet }) => keySet,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    changedAt: t.expose('changedAt', { type: 'DateTime' }),
    distrustedAt: t.expose('distrustedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'From then on nothing is exchanged.',
    }),
  }),
});

export const TokenRuleRef = builder.prismaNode('TokenRule', {
  id: { field: 'id' },
  nullable: true,
  description: 'Which tokens of an issuer are exchanged for keys, and what those get.',
  findUnique: (id, { caller }) => ({ id, AND: [{ issuer: visibleIssuers(caller) }] }),
  fields: (t) => ({
    issuer: t.relation('issuer', { type: TrustedIssuerRef }),
    name: t.exposeString('name', { description: 'Of the rule, and of the keys.' }),
    conditions: t.field({
      type: [ClaimConditionRef],
      description: 'All of them have to hold.',
      select: { conditions: true },
      resolve: (rule) => [...readRuleConditions(rule)],
    }),
    scopes: t.field({ type: [ScopeRef], select: { scopes: true }, resolve: (rule) => [...readRuleScopes(rule)] }),
    labels: t.field({ type: [LabelRef], select: { labels: true }, resolve: (rule) => [...readRuleLabels(rule)] }),
    claimLabels: t.field({
      type: [ClaimLabelRef],
      description: 'Labels that say what claims said, beside `ci/consumer`, which every key gets.',
      select: { claimLabels: true },
      resolve: (rule) => [...readRuleClaimLabels(rule)],
    }),
    owner: t.field({
      type: OwnerRef,
      description: 'Whose the keys are.',
      select: (_args, _context, nestedSelection) => ({
        account: nestedSelection(true, [], 'Account'),
        organization: nestedSelection(true, [], 'Organization'),
      }),
      resolve: ({ account, organization }) => account ?? organization ?? fault('a rule without an owner'),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    changedAt: t.expose('changedAt', { type: 'DateTime' }),
    removedAt: t.expose('removedAt', { type: 'DateTime', nullable: true }),
  }),
});

function fault(message: string): never {
  throw new Error(message);
}
