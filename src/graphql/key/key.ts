import type { Scope } from '../../domain/scope.ts';
import { visibleKeys } from '../../keys/visible-keys.ts';
import { keyState, scopesOf } from '../../keys/key-row.ts';
import { builder } from '../builder.ts';
import { KeyStateEnum, StandingEnum, StopBasisEnum } from '../enums.ts';
import { OwnerRef } from '../owner.ts';
import { RealmRef } from '../realm/realm.ts';
import { renewalInfoSelect, orderedLists, RenewalInfoRef, renewalInfoOf } from './renewal-info.ts';
import { RotationRef, rotationProgress } from './rotation.ts';

export const ScopeRef = builder.objectRef<Scope>('Scope').implement({
  description: 'An action and a glob of resources: * stays inside a path segment (between /), ** crosses.',
  fields: (t) => ({ action: t.exposeString('action'), resource: t.exposeString('resource') }),
});

export const LabelRef = builder.objectRef<{ name: string; value: string }>('Label').implement({
  description: 'Something that its people say of a key, for example repo: serilog-sinks-console.',
  fields: (t) => ({ name: t.exposeString('name'), value: t.exposeString('value') }),
});

const HoldRef = builder.prismaObject('Hold', {
  description: 'Why a key does not work although it has not ended.',
  fields: (t) => ({
    source: t.string({
      description: 'Who holds it: a person’s name, a policy’s title, or who reported a leak.',
      resolve: ({ source, sourceName }) => {
        if (source === 'LEAK') return `${sourceName} (leak report)`;
        return source === 'ADMINISTRATOR' ? `${sourceName} (administrator)` : sourceName;
      },
    }),
    reason: t.exposeString('reason'),
    since: t.expose('since', { type: 'DateTime' }),
  }),
});

const SecretRef = builder.prismaObject('Secret', {
  description: 'One generation of the string that is sent. The string itself is shown once, when it is made.',
  fields: (t) => ({
    start: t.exposeString('start', { description: 'Its first characters, to tell it from others.' }),
    generation: t.exposeInt('generation'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    firstUsedAt: t.expose('firstUsedAt', { type: 'DateTime', nullable: true }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true }),
    retiresAt: t.expose('retiresAt', { type: 'DateTime', nullable: true, description: 'From then on it is refused.' }),
  }),
});

const NoticeRef = builder.prismaObject('Notice', {
  description: 'Word given ahead of a stop. An event is told of each; where there is a way, it is delivered too.',
  fields: (t) => ({
    stopsAt: t.expose('stopsAt', { type: 'DateTime', description: 'The stop that it is of.' }),
    threshold: t.field({
      type: 'Duration',
      description: 'How far ahead of it.',
      resolve: ({ thresholdMs }) => Number(thresholdMs),
    }),
    givenAt: t.expose('givenAt', { type: 'DateTime' }),
    deliveredAt: t.expose('deliveredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When a mail server, or whatever else it goes to, first took it.',
    }),
    failedAt: t.expose('failedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was given up to mail it.',
    }),
  }),
});

export const KeyRef = builder.prismaNode('Key', {
  id: { field: 'id' },
  nullable: true,
  description: 'The lasting identity that an integration holds. It outlives its secrets.',
  findUnique: (id, { caller }) => ({ id, AND: [visibleKeys(caller)] }),
  fields: (t) => ({
    name: t.exposeString('name'),
    owner: t.field({
      type: OwnerRef,
      // What is asked of an owner that is an account, or an organization, is read with all owners of a page at once.
      select: (_args, _context, nestedSelection) => ({
        account: nestedSelection(true, [], 'Account'),
        organization: nestedSelection(true, [], 'Organization'),
      }),
      resolve: ({ account, organization }) => account ?? organization ?? fault('a key without an owner'),
    }),
    realm: t.relation('realm', { type: RealmRef }),
    state: t.field({
      type: KeyStateEnum,
      select: { expiresAt: true, expiryBasis: true, expiredAt: true, revokedAt: true, holds: orderedLists.holds },
      resolve: (key, _args, { services }) => keyState(key, services.clock.now()),
    }),
    standing: t.expose('standing', { type: StandingEnum, description: 'What dormancy says of it.' }),
    scopes: t.field({
      type: [ScopeRef],
      select: { scopes: true },
      resolve: (key) => [...scopesOf(key)],
    }),
    labels: t.field({
      type: [LabelRef],
      select: { labels: { orderBy: { name: 'asc' } } },
      resolve: ({ labels }) => labels,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    chosenExpiresAt: t.expose('chosenExpiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'What was asked for; null: nothing was.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Null: policy lets it live on while it is used.',
    }),
    stopsAt: t.expose('stopsAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it will stop by itself, by expiry or by a policy’s hold.',
    }),
    stopsBasis: t.expose('stopsBasis', { type: StopBasisEnum, nullable: true }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true, description: 'Null: never used.' }),
    neverUsed: t.boolean({ select: { lastUsedAt: true }, resolve: ({ lastUsedAt }) => lastUsedAt === null }),
    reviewAt: t.expose('reviewAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it is looked at next.',
    }),
    isExchanged: t.boolean({
      description: 'Whether it was exchanged for a token of a job: it is never renewed.',
      select: { tokenRuleId: true },
      resolve: ({ tokenRuleId }) => tokenRuleId !== null,
    }),
    holds: t.field({
      type: [HoldRef],
      select: { holds: orderedLists.holds },
      resolve: ({ holds }) => holds,
    }),
    notices: t.field({
      type: [NoticeRef],
      description: 'Newest first, at most 20.',
      select: { notices: orderedLists.notices },
      resolve: ({ notices }) => notices,
    }),
    secrets: t.field({
      type: [SecretRef],
      description: 'Newest first.',
      select: { secrets: orderedLists.secrets },
      resolve: ({ secrets }) => secrets,
    }),
    rotation: t.field({
      type: RotationRef,
      nullable: true,
      description: 'While one is pending.',
      select: { rotationStartedAt: true, secrets: { ...orderedLists.secrets, include: { uses: true } } },
      resolve: (key, _args, { services }) => rotationProgress(key, services.clock.now()),
    }),
    renewalInfo: t.field({
      type: RenewalInfoRef,
      select: renewalInfoSelect,
      resolve: (key, _args, { services }) => renewalInfoOf(key, services.clock.now()),
    }),
  }),
});

function fault(message: string): never {
  throw new Error(message);
}
