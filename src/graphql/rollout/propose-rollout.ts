import type { Json } from '../../domain/event.ts';
import type { Selector } from '../../domain/selector.ts';
import { proposeRollout } from '../../rollouts/propose.ts';
import { builder } from '../builder.ts';
import { KeySelectorRef } from '../policy/binding-mutations.ts';
import { mutation } from '../mutation.ts';
import { RolloutStageKindEnum } from './rollout-enums.ts';
import { rolloutField } from './rollout-success.ts';

const RolloutStageInputRef = builder.inputType('RolloutStageInput', {
  description: 'A stage of a proposed rollout.',
  fields: (t) => ({
    kind: t.field({ type: RolloutStageKindEnum, required: true, description: 'What the stage does.' }),
    atLeast: t.field({
      type: 'Duration',
      required: true,
      description: 'The least time that the stage runs before the next one begins: at most P365D.',
    }),
    share: t.float({
      description:
        'COHORT only, and required: the largest share of owners, and of their keys, more than 0 and less than 1.',
    }),
    windows: t.field({
      type: ['DateTime'],
      description:
        'BROWNOUT only, and required: when the windows of 15 minutes begin. At most two on a day (UTC), all after the notice period.',
    }),
  }),
});

const BreakageBudgetInputRef = builder.inputType('BreakageBudgetInput', {
  description: 'How much a rollout may break.',
  fields: (t) => ({
    owners: t.int({ required: true, description: 'How many owners may break: from 0.' }),
    share: t.float({
      description:
        'As many owners as this share of the consumers of the cohort that were seen in 90 days may break, if that is more: 0 to 1.',
    }),
  }),
});

mutation('proposeRollout', {
  description:
    'Proposes a change of a binding that goes through stages, from a first one that only shows it to ENFORCED. The first stage begins at once, each further one by itself when no gate is open. Other changes of the binding are refused until the rollout has ended. Administrators only.',
  input: {
    description: 'What changes, why, and in which stages.',
    fields: (t) => ({
      realm: t.string({ required: true, description: 'The realm’s slug.' }),
      title: t.string({ required: true, description: 'What changes, for people: at most 100 characters.' }),
      explanation: t.string({
        required: true,
        description: 'Why it changes, and what owners can do, for people: at most 5,000 characters.',
      }),
      policy: t.string({
        description: 'The name of the policy module to bind. Either this or bindingId is required.',
      }),
      bindingId: t.id({ description: 'The binding to change, or to remove.' }),
      config: t.field({
        type: 'JSON',
        description: 'The new configuration, as Policy.configSchema describes it. Default: {}, or that of the binding.',
      }),
      selector: t.field({
        type: KeySelectorRef,
        description:
          'The keys to which the policy applies. Null: all keys of the realm. Default: as the binding has it.',
      }),
      remove: t.boolean({ description: 'Whether the rollout removes the binding. Default: false.' }),
      stages: t.field({
        type: [RolloutStageInputRef],
        required: true,
        description:
          'The stages, 2 to 20, in the order COMMENT, SHADOW, WARN, BROWNOUT, COHORT, ENFORCED. Only COHORT repeats, with rising shares; the last one is ENFORCED.',
      }),
      budget: t.field({
        type: BreakageBudgetInputRef,
        required: true,
        description: 'How much the rollout may break before it halts.',
      }),
      replacement: t.string({
        description: 'What owners can use instead of the keys that stop: at most 500 characters.',
      }),
      sealedDigest: t.string({
        description: 'SHA-256 of a text that is revealed later, as 64 hexadecimal digits in lower case.',
      }),
      previewToken: t.string({
        required: true,
        description:
          'The previewToken of a previewPolicy of the same change in mode ENFORCED, less than a day old. The brake then allows as many shortenings as the preview counted, plus 1 %.',
      }),
    }),
  },
  useCase: proposeRollout,
  toInput: ({ config, selector, stages, budget, ...input }) => ({
    ...input,
    policy: input.policy ?? null,
    bindingId: input.bindingId ?? null,
    remove: input.remove ?? null,
    replacement: input.replacement ?? null,
    sealedDigest: input.sealedDigest ?? null,
    ...(config != null && { config: config as Json }),
    ...(selector !== undefined && { selector: selector as Selector | null }),
    stages: stages.map(({ kind, atLeast, share, windows }) => ({
      kind,
      atLeastMs: atLeast,
      share: share ?? null,
      windows: (windows ?? []).map((at) => at.getTime()),
    })),
    budget: { owners: budget.owners, share: budget.share ?? null },
  }),
  failures: [
    'RealmNotFound',
    'BindingNotFound',
    'BindingBusy',
    'PolicyNotFound',
    'InvalidPolicyConfig',
    'PreviewOutdated',
  ],
  success: { description: 'The rollout was proposed, and its first stage has begun.', fields: rolloutField },
});
