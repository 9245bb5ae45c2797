import { automationOf } from '../../domain/automation.ts';
import { visibleKeys } from '../../keys/visible-keys.ts';
import { keyState, scopesOf } from '../../keys/key-row.ts';
import { builder } from '../builder.ts';
import { KeyAutomationEnum, KeyStateEnum, StandingEnum, StopBasisEnum } from '../enums.ts';
import { OwnerRef } from '../owner.ts';
import { RealmRef } from '../realm/realm.ts';
import { HoldRef, LabelRef, NoticeRef, ScopeRef, SecretRef } from './key-parts.ts';
import { renewalInfoSelect, orderedLists, RenewalInfoRef, renewalInfoOf } from './renewal-info.ts';
import { RotationRef, rotationProgress } from './rotation.ts';
import { VerificationWarningRef, warningsOfRow } from './verification-warning.ts';

export const KeyRef = builder.prismaNode('Key', {
  id: { field: 'id' },
  nullable: true,
  description: 'An API key: the lasting identity that an integration holds. It outlives its secrets.',
  findUnique: (id, { caller }) => ({ id, AND: [visibleKeys(caller)] }),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name for people: 1 to 100 characters.' }),
    description: t.exposeString('description', {
      nullable: true,
      description: 'What the key is for, for people. Null: nothing is noted.',
    }),
    metadata: t.expose('metadata', {
      type: 'JSON',
      nullable: true,
      description: 'Data that the managers of the key note about it: a JSON object. Null: nothing is noted.',
    }),
    owner: t.field({
      type: OwnerRef,
      description: 'The account, organization or subject that owns the key.',
      // Selects what the query needs of an account, an organization or a subject, so that all owners of a page are read at once.
      select: (_args, _context, nestedSelection) => ({
        account: nestedSelection(true, [], 'Account'),
        organization: nestedSelection(true, [], 'Organization'),
        subject: nestedSelection(true, [], 'Subject'),
      }),
      resolve: ({ account, organization, subject }) =>
        account ?? organization ?? subject ?? fault('a key without an owner'),
    }),
    realm: t.relation('realm', { type: RealmRef, description: 'The realm that the key belongs to.' }),
    state: t.field({
      type: KeyStateEnum,
      description: 'Whether the key works at this moment, and if not, why.',
      select: { expiresAt: true, expiryBasis: true, expiredAt: true, revokedAt: true, holds: orderedLists.holds },
      resolve: (key, _args, { services }) => keyState(key, services.clock.now()),
    }),
    standing: t.expose('standing', {
      type: StandingEnum,
      description: 'The dormancy state: what policies have decided because the key is unused.',
    }),
    scopes: t.field({
      type: [ScopeRef],
      description: 'What the key may do. A use needs one scope that covers it.',
      select: { scopes: true },
      resolve: (key) => [...scopesOf(key)],
    }),
    labels: t.field({
      type: [LabelRef],
      description: 'The labels of the key, by name.',
      select: { labels: { orderBy: { name: 'asc' } } },
      resolve: ({ labels }) => labels,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the key was issued.' }),
    notBefore: t.expose('notBefore', {
      type: 'DateTime',
      nullable: true,
      description:
        'From when on the key is valid. Before, its secret is refused as NOT_YET_VALID, whatever its state. Null: from its issue on.',
    }),
    allowedAddresses: t.stringList({
      description: 'The ranges of addresses from which the key may be used, in canonical form. Empty: from anywhere.',
      select: { allowedAddresses: true },
      resolve: ({ allowedAddresses }) => allowedAddresses,
    }),
    chosenExpiresAt: t.expose('chosenExpiresAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'The expiry that was last requested, or that policy gave by default. Null: there is no such expiry, and only a policy or a person ends the key.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the key expires: chosenExpiresAt, or an earlier cap by policy. Null: the key has no expiry.',
    }),
    stopsAt: t.expose('stopsAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the key will stop by itself: by expiry or by a policy’s hold, whichever is first. Null: nothing stops it.',
    }),
    stopsBasis: t.expose('stopsBasis', {
      type: StopBasisEnum,
      nullable: true,
      description: 'Whether time alone decides stopsAt, or a use moves it. Null if stopsAt is null.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When a secret of the key was last used. Null: never.',
    }),
    neverUsed: t.boolean({
      description: 'Whether no secret of the key was ever used.',
      select: { lastUsedAt: true },
      resolve: ({ lastUsedAt }) => lastUsedAt === null,
    }),
    warnings: t.field({
      type: [VerificationWarningRef],
      description:
        'What verifications of the key warn of: announced changes that have not reached it yet. Empty: nothing.',
      select: { warnings: true },
      resolve: warningsOfRow,
    }),
    reviewAt: t.expose('reviewAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When policies evaluate the key next. Null: no review is due.',
    }),
    automation: t.field({
      type: KeyAutomationEnum,
      description: 'What renews the key, as far as its last renewal or rotation shows.',
      select: { isSelfRenewing: true, renewalDueAt: true, stopsAt: true },
      resolve: (key, _args, { services }) => automationOf(key, services.clock.now()),
    }),
    isExchanged: t.boolean({
      description: 'Whether the key was issued in exchange for the token of a CI job. Such a key is never renewed.',
      select: { tokenRuleId: true },
      resolve: ({ tokenRuleId }) => tokenRuleId !== null,
    }),
    holds: t.field({
      type: [HoldRef],
      description: 'What suspends the key, oldest first. Empty: it is not held.',
      select: { holds: orderedLists.holds },
      resolve: ({ holds }) => holds,
    }),
    notices: t.field({
      type: [NoticeRef],
      description: 'The latest 20 notices, newest first.',
      select: { notices: orderedLists.notices },
      resolve: ({ notices }) => notices,
    }),
    secrets: t.field({
      type: [SecretRef],
      description: 'The secrets of the key, newest first, retired ones included.',
      select: { secrets: orderedLists.secrets },
      resolve: ({ secrets }) => secrets,
    }),
    rotation: t.field({
      type: RotationRef,
      nullable: true,
      description: 'The pending rotation. Null if there is none.',
      select: { rotationStartedAt: true, secrets: { ...orderedLists.secrets, include: { uses: true } } },
      resolve: (key, _args, { services }) => rotationProgress(key, services.clock.now()),
    }),
    renewalInfo: t.field({
      type: RenewalInfoRef,
      description: 'When and how to renew the key.',
      select: renewalInfoSelect,
      resolve: (key, _args, { services }) => renewalInfoOf(key, services.clock.now()),
    }),
  }),
});

function fault(message: string): never {
  throw new Error(message);
}
