import { previewPolicy } from '../../bindings/preview.ts';
import { checkReplay, replayPolicy } from '../../replay/replay-policy.ts';
import type { Json } from '../../domain/event.ts';
import type { Selector } from '../../domain/selector.ts';
import { builder } from '../builder.ts';
import { KeySelectorRef } from './binding-mutations.ts';
import { BindingModeEnum } from './binding.ts';
import { selectedFields } from '../selected-fields.ts';
import { PolicyPreviewRef, type ReplayedPreview } from './policy-preview.ts';

const PreviewPolicyInputRef = builder.inputType('PreviewPolicyInput', {
  description:
    'The change to preview: a new binding, a change of a binding, or its removal. For a change, what is left out stays unchanged.',
  fields: (t) => ({
    realm: t.string({ required: true, description: 'The realm’s slug.' }),
    bindingId: t.id({
      description: 'The binding to change or remove. Default: none, which previews a new binding of policy.',
    }),
    policy: t.string({ description: 'The name of a loaded policy module, for a new binding.' }),
    hash: t.string({
      description:
        'The version of the policy module: its hash. Default: the binding’s own, or for a new binding the current version.',
    }),
    config: t.field({ type: 'JSON', description: 'The policy’s configuration, as Policy.configSchema describes it.' }),
    selector: t.field({
      type: KeySelectorRef,
      description:
        'The keys to which the policy applies. Null: all keys of the realm. Default for a new binding: all keys of the realm.',
    }),
    mode: t.field({
      type: BindingModeEnum,
      description: 'Whether the verdicts apply. Default for a new binding: ENFORCED.',
    }),
    noticePeriod: t.field({
      type: 'Duration',
      description:
        'How far ahead the binding announces a stop that it moves earlier. Default for a new binding: the realm’s minimumNotice.',
    }),
    effectiveAt: t.field({
      type: 'DateTime',
      description: 'When the change would take effect: now or within 366 days. Default: now.',
    }),
    replay: t.field({
      type: 'Duration',
      description:
        'For how many days the change is run over the recorded use of the realm’s keys, P1D to P400D. Default: none, PolicyPreview.replay is null. Not for a removal.',
    }),
    remove: t.boolean({ description: 'True: previews the removal of the binding. Default: false.' }),
  }),
});

builder.queryField('previewPolicy', (t) =>
  t.field({
    type: PolicyPreviewRef,
    description:
      'Previews a change of policy: which keys would stop earlier or later, and when. Changes nothing. May take minutes in a large realm. If the configuration does not match configSchema, the extensions of the error have `issues`, as InvalidPolicyConfig has. Administrators only.',
    args: { input: t.arg({ type: PreviewPolicyInputRef, required: true }) },
    resolve: async (_root, { input }, { services, caller }, info) => {
      const { realm, bindingId, policy, hash, config, selector, mode, noticePeriod, effectiveAt, remove, replay } =
        input;
      const change = {
        realm,
        bindingId: bindingId ?? null,
        policy: policy ?? null,
        hash: hash ?? null,
        ...(config != null && { config: config as Json }),
        ...(selector !== undefined && { selector: selector as Selector | null }),
        mode: mode ?? null,
        noticeMs: noticePeriod ?? null,
        effectiveAt: effectiveAt ?? null,
        remove: remove ?? null,
      };
      if (replay != null) checkReplay(change, replay, services.clock.now());
      const fields = selectedFields(info);
      const replayed =
        replay == null || !fields.has('replay') ? null : await replayPolicy(services, caller, change, replay);
      // A replay alone checks the change, but does not evaluate every key for a preview that is not selected.
      if (replayed !== null && fields.size === 1) return { replay: replayed } as ReplayedPreview;
      return { ...(await previewPolicy(services, caller, change)), replay: replayed };
    },
  }),
);
