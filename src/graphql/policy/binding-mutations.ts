import { bindPolicy, type BindingChange } from '../../bindings/bind.ts';
import { unbindPolicy } from '../../bindings/unbind.ts';
import { updateBinding } from '../../bindings/update.ts';
import type { Json } from '../../domain/event.ts';
import type { Selector } from '../../domain/selector.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { LabelInputRef } from '../key/key-filter.ts';
import { BindingModeEnum, BindingRef } from './binding.ts';

interface SelectorInput {
  readonly owners?: readonly string[] | null;
  readonly keyIds?: readonly string[] | null;
  readonly labels?: readonly { readonly name: string; readonly value: string }[] | null;
  readonly issuedBefore?: Date | null;
  readonly issuedAfter?: Date | null;
  readonly not?: SelectorInput | null;
}

export const KeySelectorRef = builder.inputRef<SelectorInput>('KeySelector').implement({
  description: 'Which keys of a realm a binding is for. All that is given has to hold.',
  fields: (t) => ({
    owners: t.idList(),
    keyIds: t.idList(),
    labels: t.field({ type: [LabelInputRef], description: 'Labels under policy/, which administrators alone write.' }),
    issuedBefore: t.field({ type: 'DateTime' }),
    issuedAfter: t.field({ type: 'DateTime', description: 'At or after.' }),
    not: t.field({ type: KeySelectorRef }),
  }),
});

const BindPolicyInputRef = builder.inputType('BindPolicyInput', {
  fields: (t) => ({
    realm: t.string({ required: true, description: 'Its slug.' }),
    policy: t.string({ required: true, description: 'The name of a module that is loaded.' }),
    config: t.field({ type: 'JSON', description: 'What the module’s configSchema describes; left out: its defaults.' }),
    mode: t.field({ type: BindingModeEnum, description: 'Left out: ENFORCED.' }),
    selector: t.field({ type: KeySelectorRef, description: 'Left out: all keys of the realm.' }),
    followsModule: t.boolean({
      description: 'Whether it moves on to new versions of the module by itself; left out: no.',
    }),
    effectiveAt: t.field({ type: 'DateTime', description: 'Left out: at once. Until then it is announced.' }),
    noticePeriod: t.field({ type: 'Duration', description: 'Left out: the realm’s minimumNotice.' }),
    withoutNoticeReason: t.string({ description: 'Why less notice than the realm’s minimumNotice has to do.' }),
    previewToken: t.string({ description: 'Of previewPolicy: the brake lets through what the preview showed.' }),
    reason: t.string(),
    idempotencyKey: t.string(),
  }),
});

const UpdateBindingInputRef = builder.inputType('UpdateBindingInput', {
  description: 'What is left out stays as it is.',
  fields: (t) => ({
    bindingId: t.id({ required: true }),
    hash: t.string({ description: 'Another version of the module.' }),
    config: t.field({ type: 'JSON' }),
    mode: t.field({ type: BindingModeEnum }),
    selector: t.field({ type: KeySelectorRef, description: 'Null: all keys of the realm.' }),
    followsModule: t.boolean(),
    effectiveAt: t.field({
      type: 'DateTime',
      description: 'Left out: at once. Until then the present revision counts.',
    }),
    noticePeriod: t.field({ type: 'Duration' }),
    withoutNoticeReason: t.string(),
    previewToken: t.string(),
    reason: t.string(),
    idempotencyKey: t.string(),
  }),
});

const UnbindPolicyInputRef = builder.inputType('UnbindPolicyInput', {
  fields: (t) => ({ bindingId: t.id({ required: true }), reason: t.string(), idempotencyKey: t.string() }),
});

function defineBindingSuccess(mutation: string) {
  const ref = builder.objectRef<BindingChange>(`${mutation}Success`).implement({
    description: 'The binding, as it is now.',
  });
  builder.objectField(ref, 'binding', (t) =>
    t.prismaField({
      type: BindingRef,
      resolve: (query, { bindingId }, _args, { services }) =>
        services.prisma.binding.findUniqueOrThrow({ ...query, where: { id: bindingId } }),
    }),
  );
  return ref;
}

const BindPolicyResult = resultType('BindPolicy', defineBindingSuccess('BindPolicy'), [
  'RealmNotFound',
  'PolicyNotFound',
  'InvalidPolicyConfig',
  'NoticeTooShort',
  'PreviewOutdated',
  'IdempotencyConflict',
]);

const UpdateBindingResult = resultType('UpdateBinding', defineBindingSuccess('UpdateBinding'), [
  'BindingNotFound',
  'PolicyNotFound',
  'InvalidPolicyConfig',
  'NoticeTooShort',
  'PreviewOutdated',
  'IdempotencyConflict',
]);

const UnbindPolicyResult = resultType('UnbindPolicy', defineBindingSuccess('UnbindPolicy'), [
  'BindingNotFound',
  'IdempotencyConflict',
]);

builder.mutationField('bindPolicy', (t) =>
  t.field({
    type: BindPolicyResult,
    description: 'Attaches a policy to a realm, and has its keys looked at under it. For administrators.',
    args: { input: t.arg({ type: BindPolicyInputRef, required: true }) },
    resolve: (_root, { input }, { services, caller }) =>
      bindPolicy(services, caller, {
        realm: input.realm,
        policy: input.policy,
        ...toBindingSettings(input),
        ...checkIdempotencyKey(input.idempotencyKey),
      }),
  }),
);

builder.mutationField('updateBinding', (t) =>
  t.field({
    type: UpdateBindingResult,
    description: 'Changes a binding, and has the keys of its realm looked at again. For administrators.',
    args: { input: t.arg({ type: UpdateBindingInputRef, required: true }) },
    resolve: (_root, { input }, { services, caller }) =>
      updateBinding(services, caller, {
        bindingId: input.bindingId,
        hash: input.hash ?? null,
        ...toBindingSettings(input),
        ...checkIdempotencyKey(input.idempotencyKey),
      }),
  }),
);

builder.mutationField('unbindPolicy', (t) =>
  t.field({
    type: UnbindPolicyResult,
    description:
      'Takes a policy from a realm. What is only announced is withdrawn, a change of a binding alone: what is in force stays. For administrators.',
    args: { input: t.arg({ type: UnbindPolicyInputRef, required: true }) },
    resolve: (_root, { input: { bindingId, reason, idempotencyKey } }, { services, caller }) =>
      unbindPolicy(services, caller, { bindingId, reason: reason ?? null, ...checkIdempotencyKey(idempotencyKey) }),
  }),
);

type Settings = Omit<typeof BindPolicyInputRef.$inferInput, 'realm' | 'policy' | 'idempotencyKey'>;

function toBindingSettings(input: Settings) {
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
