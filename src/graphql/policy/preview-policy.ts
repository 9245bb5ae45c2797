import {
  previewPolicy,
  type PolicyPreview,
  type PreviewedKey,
  type PreviewedOwner,
  type PreviewedWeek,
} from '../../bindings/preview.ts';
import type { Json } from '../../domain/event.ts';
import { badUserInput } from '../../domain/request-error.ts';
import type { Selector } from '../../domain/selector.ts';
import { builder } from '../builder.ts';
import { StopBasisEnum } from '../enums.ts';
import { KeyRef } from '../key/key.ts';
import { PAGE_DEFAULT, PAGE_MAX } from '../keyset.ts';
import { OwnerRef } from '../owner.ts';
import { BindingModeEnum } from './binding.ts';
import { KeySelectorRef } from './set-binding.ts';

const PreviewPolicyInputRef = builder.inputType('PreviewPolicyInput', {
  description: 'A new binding, or a change of one: what is left out stays as it is.',
  fields: (t) => ({
    realm: t.string({ required: true, description: 'Its slug.' }),
    bindingId: t.id({ description: 'Left out: a new binding of policy.' }),
    policy: t.string(),
    hash: t.string({ description: 'Another version of the module.' }),
    config: t.field({ type: 'JSON' }),
    selector: t.field({ type: KeySelectorRef }),
    mode: t.field({ type: BindingModeEnum }),
    noticePeriod: t.field({ type: 'Duration' }),
    remove: t.boolean({ description: 'As if the binding were taken away.' }),
  }),
});

const PreviewedKeyRef = builder.objectRef<PreviewedKey>('PreviewedKey').implement({
  description: 'A key whose stop would move.',
  fields: (t) => ({
    key: t.prismaField({
      type: KeyRef,
      resolve: (query, { keyId }, _args, { db }) => db.key.findUniqueOrThrow({ ...query, where: { id: keyId } }),
    }),
    before: t.expose('before', { type: 'DateTime', nullable: true }),
    after: t.expose('after', { type: 'DateTime', nullable: true }),
    basis: t.expose('basis', { type: StopBasisEnum, nullable: true }),
    isNearer: t.exposeBoolean('isNearer'),
    wasRenewed: t.exposeBoolean('wasRenewed', { description: 'Whether somebody, or something, ever renewed it.' }),
  }),
});

const PreviewedOwnerRef = builder.objectRef<PreviewedOwner>('PreviewedOwner').implement({
  description: 'What would become of the keys of one owner.',
  fields: (t) => ({
    owner: t.field({
      type: OwnerRef,
      resolve: ({ ownerId }, _args, { db }) =>
        ownerId.startsWith('organization_')
          ? db.organization.findUniqueOrThrow({ where: { id: ownerId } })
          : db.account.findUniqueOrThrow({ where: { id: ownerId } }),
    }),
    keyCount: t.exposeInt('keyCount'),
    nearerCount: t.exposeInt('nearerCount'),
  }),
});

const PreviewedWeekRef = builder.objectRef<PreviewedWeek>('PreviewedWeek').implement({
  description: 'How many keys would stop in one week, counted from the preview.',
  fields: (t) => ({
    startsAt: t.expose('startsAt', { type: 'DateTime' }),
    before: t.exposeInt('before', { description: 'As things stand.' }),
    after: t.exposeInt('after', { description: 'With the change.' }),
  }),
});

const PolicyPreviewRef = builder.objectRef<PolicyPreview>('PolicyPreview').implement({
  description: 'What a binding, or a change of one, would do to the keys of its realm: nothing has happened.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime' }),
    previewToken: t.exposeString('previewToken', {
      description: 'Confirms the change with this preview, for a day: the brake lets through what it showed.',
    }),
    keyCount: t.exposeInt('keyCount'),
    nearerCount: t.exposeInt('nearerCount', { description: 'Whose stop comes nearer, with notice kept.' }),
    furtherCount: t.exposeInt('furtherCount'),
    unchangedCount: t.exposeInt('unchangedCount'),
    faultCount: t.exposeInt('faultCount', { description: 'How many keys the module failed.' }),
    withoutAutomationCount: t.exposeInt('withoutAutomationCount', {
      description: 'Of those whose stop comes nearer, how many nobody and nothing ever renewed.',
    }),
    brakeShare: t.exposeInt('brakeShare', {
      description: 'How many stops may come nearer within an hour without the token.',
    }),
    byOwner: t.field({
      type: [PreviewedOwnerRef],
      description: 'Those with most stops that come nearer first.',
      args: { first: t.arg.int() },
      resolve: ({ byOwner }, { first }) => byOwner.slice(0, pageSize(first)),
    }),
    byWeek: t.field({ type: [PreviewedWeekRef], resolve: ({ byWeek }) => [...byWeek] }),
    changes: t.field({
      type: [PreviewedKeyRef],
      description: 'The keys whose stop moves, nearer ones first, soonest first; the first 10,000 of them.',
      args: { first: t.arg.int(), from: t.arg.int({ description: 'How many of them to leave out.' }) },
      resolve: ({ changes }, { first, from }) => {
        if (from != null && from < 0) throw badUserInput(`from: found ${from}; leave out 0 or more.`, ['from']);
        return changes.slice(from ?? 0, (from ?? 0) + pageSize(first));
      },
    }),
  }),
});

builder.queryField('previewPolicy', (t) =>
  t.field({
    type: PolicyPreviewRef,
    description: 'Which keys would change, how and when, before anything does. For administrators.',
    args: { input: t.arg({ type: PreviewPolicyInputRef, required: true }) },
    resolve: (_root, { input }, { services, caller }) => {
      const { realm, bindingId, policy, hash, config, selector, mode, noticePeriod, remove } = input;
      return previewPolicy(services, caller, {
        realm,
        bindingId: bindingId ?? null,
        policy: policy ?? null,
        hash: hash ?? null,
        ...(config != null && { config: config as Json }),
        ...(selector !== undefined && { selector: selector as Selector | null }),
        mode: mode ?? null,
        noticeMs: noticePeriod ?? null,
        remove: remove ?? null,
      });
    },
  }),
);

function pageSize(first: number | null | undefined): number {
  if (first == null) return PAGE_DEFAULT;
  if (first < 0 || first > PAGE_MAX)
    throw badUserInput(`first: found ${first}; a page has 0 to ${PAGE_MAX}.`, ['first']);
  return first;
}
