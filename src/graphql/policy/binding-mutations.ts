import { bindPolicy, type BindingChange, type BindingMode } from '../../bindings/bind.ts';
import { unbindPolicy } from '../../bindings/unbind.ts';
import { updateBinding } from '../../bindings/update.ts';
import type { Json } from '../../domain/event.ts';
import type { Selector } from '../../domain/selector.ts';
import { builder } from '../builder.ts';
import { LabelInputRef } from '../key/key-filter.ts';
import { mutation, type SuccessFields } from '../mutation.ts';
import { BindingModeEnum, BindingRef } from './binding.ts';

export const KeySelectorRef = builder.inputRef<Selector>('KeySelector').implement({
  description: 'The keys to which a binding applies. All members that are given must match.',
  fields: (t) => ({
    owners: t.idList({
      description: 'Ids of accounts and organizations: keys that one of them owns. An empty list matches no key.',
    }),
    keyIds: t.idList({ description: 'Ids of keys. An empty list matches no key.' }),
    labels: t.field({
      type: [LabelInputRef],
      description: 'Keys that have all of these labels. Only labels under policy/, which only administrators write.',
    }),
    issuedBefore: t.field({ type: 'DateTime', description: 'Keys that were issued before this moment.' }),
    issuedAfter: t.field({ type: 'DateTime', description: 'Keys that were issued at or after this moment.' }),
    not: t.field({
      type: KeySelectorRef,
      description: 'Keys that this selector does not match. At most 5 may be nested.',
    }),
  }),
});

/** Descriptions that the inputs of bindPolicy and updateBinding share. */
const settings = {
  config: 'The policy’s configuration, as Policy.configSchema describes it.',
  followsModule:
    'Whether the binding moves to new versions of its module by itself, once every node has the version and it accepts the configuration.',
  withoutNoticeReason:
    'Why noticePeriod may be shorter than the realm’s minimumNotice: at most 500 characters. Required in that case.',
  previewToken:
    'The previewToken of a previewPolicy of the same change, less than a day old. The brake then allows as many shortenings as the preview counted, plus 1 %.',
} as const;

mutation('bindPolicy', {
  description:
    'Binds a policy to a realm and reviews the realm’s keys under it. A binding with a later effectiveAt is announced first. Administrators only.',
  input: {
    description: 'Which policy to bind to which realm, and how.',
    fields: (t) => ({
      realm: t.string({ required: true, description: 'The realm’s slug.' }),
      policy: t.string({
        required: true,
        description: 'The name of a loaded policy module. Its current version is bound.',
      }),
      config: t.field({ type: 'JSON', description: `${settings.config} Default: {}.` }),
      mode: t.field({ type: BindingModeEnum, description: 'Whether the verdicts apply. Default: ENFORCED.' }),
      selector: t.field({
        type: KeySelectorRef,
        description: 'The keys to which the policy applies. Default: all keys of the realm.',
      }),
      followsModule: t.boolean({ description: `${settings.followsModule} Default: false.` }),
      effectiveAt: t.field({
        type: 'DateTime',
        description:
          'When the binding takes effect: now or within 366 days. Before that it is announced: shown, but changing nothing. Default: now.',
      }),
      noticePeriod: t.field({
        type: 'Duration',
        description:
          'How far ahead the binding announces a stop that it moves earlier. Default: the realm’s minimumNotice.',
      }),
      withoutNoticeReason: t.string({ description: settings.withoutNoticeReason }),
      previewToken: t.string({ description: settings.previewToken }),
      reason: t.string(),
    }),
  },
  outlivesSession: isEnforcedUnseen,
  useCase: bindPolicy,
  toInput: (input) => ({ realm: input.realm, policy: input.policy, ...toBindingSettings(input) }),
  failures: ['RealmNotFound', 'PolicyNotFound', 'InvalidPolicyConfig', 'NoticeTooShort', 'PreviewOutdated'],
  success: { description: 'The policy was bound, or its binding is announced.', fields: bindingFields },
});

mutation('updateBinding', {
  description: 'Changes a binding and reviews the keys of its realm again. Administrators only.',
  input: {
    description: 'The changes of a binding. What is left out stays unchanged.',
    fields: (t) => ({
      bindingId: t.id({ required: true, description: 'The binding to change.' }),
      hash: t.string({ description: 'The version of the policy module to move to: its hash.' }),
      config: t.field({ type: 'JSON', description: `${settings.config} Replaces the whole configuration.` }),
      mode: t.field({ type: BindingModeEnum, description: 'Whether the verdicts apply.' }),
      selector: t.field({
        type: KeySelectorRef,
        description: 'The keys to which the policy applies. Null: all keys of the realm.',
      }),
      followsModule: t.boolean({ description: settings.followsModule }),
      effectiveAt: t.field({
        type: 'DateTime',
        description:
          'When the change takes effect: now or within 366 days. Until then the present revision stays in force. Default: now.',
      }),
      noticePeriod: t.field({
        type: 'Duration',
        description: 'How far ahead the binding announces a stop that it moves earlier.',
      }),
      withoutNoticeReason: t.string({ description: settings.withoutNoticeReason }),
      previewToken: t.string({ description: settings.previewToken }),
      reason: t.string(),
    }),
  },
  outlivesSession: isEnforcedUnseen,
  useCase: updateBinding,
  toInput: (input) => ({ bindingId: input.bindingId, hash: input.hash ?? null, ...toBindingSettings(input) }),
  failures: [
    'BindingNotFound',
    'BindingBusy',
    'PolicyNotFound',
    'InvalidPolicyConfig',
    'NoticeTooShort',
    'PreviewOutdated',
  ],
  success: { description: 'The binding has a new revision, in force or announced.', fields: bindingFields },
});

mutation('unbindPolicy', {
  description:
    'Removes a binding and reviews the keys of its realm without it. A removal never makes a stop earlier. If a change of the binding is only announced, that change alone is withdrawn and the revision in force stays. Administrators only.',
  input: {
    description: 'Which binding to remove.',
    fields: (t) => ({
      bindingId: t.id({
        required: true,
        description: 'The binding to remove, or the binding whose announced change is withdrawn.',
      }),
      reason: t.string(),
    }),
  },
  useCase: unbindPolicy,
  toInput: ({ bindingId, reason }) => ({ bindingId, reason: reason ?? null }),
  failures: ['BindingNotFound', 'BindingBusy'],
  success: { description: 'The binding was removed, or its announced change was withdrawn.', fields: bindingFields },
});

/** Builds the fields of a mutation that changes a binding: the binding after the change. */
function bindingFields(t: SuccessFields<BindingChange>) {
  return {
    binding: t.prismaField({
      type: BindingRef,
      description: 'The binding after the change.',
      resolve: (query, { bindingId }, _args, { services }) =>
        services.prisma.binding.findUniqueOrThrow({ ...query, where: { id: bindingId } }),
    }),
  };
}

/** The settings of a binding as both inputs have them. */
interface SettingsInput {
  readonly config?: unknown;
  readonly mode?: BindingMode | null | undefined;
  readonly selector?: typeof KeySelectorRef.$inferInput | null | undefined;
  readonly followsModule?: boolean | null | undefined;
  readonly effectiveAt?: Date | null | undefined;
  readonly noticePeriod?: number | null | undefined;
  readonly withoutNoticeReason?: string | null | undefined;
  readonly previewToken?: string | null | undefined;
  readonly reason?: string | null | undefined;
}

function toBindingSettings(input: SettingsInput) {
  return {
    ...(input.config != null && { config: input.config as Json }),
    mode: input.mode ?? null,
    ...(input.selector !== undefined && { selector: input.selector as Selector | null }),
    followsModule: input.followsModule ?? null,
    effectiveAt: input.effectiveAt ?? null,
    noticeMs: input.noticePeriod ?? null,
    withoutNoticeReason: input.withoutNoticeReason ?? null,
    previewToken: input.previewToken ?? null,
    reason: input.reason ?? null,
  };
}

/** Whether a change of a binding takes effect without the preview that shows which keys it stops. */
function isEnforcedUnseen({
  mode,
  previewToken,
}: {
  readonly mode?: BindingMode | null | undefined;
  readonly previewToken?: string | null | undefined;
}): boolean {
  return previewToken == null && (mode == null || mode === 'ENFORCED');
}
