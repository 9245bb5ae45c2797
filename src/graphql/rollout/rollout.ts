import type { Rollout } from '../../../prisma/generated/client/client.ts';
import { actorKinds } from '../../domain/event.ts';
import { isOpenRollout, leastMsOf, leastTimeEnd } from '../../domain/rollout.ts';
import type { RolloutStage } from '../../domain/rollout-stage.ts';
import type { PreviousRevision } from '../../policies/stored-revision.ts';
import { visiblePolicyFilter } from '../../realms/visible-realms.ts';
import { readOpenGates } from '../../rollouts/read-gates.ts';
import { previewedCount, progressOfRollout, revisionAfter, revisionBefore } from '../../rollouts/stored-rollout.ts';
import { builder } from '../builder.ts';
import { ActorRef } from '../event/actor.ts';
import { BindingModeEnum, BindingRef } from '../policy/binding.ts';
import { loadTogether } from '../load-together.ts';
import { RealmRef } from '../realm/realm.ts';
import { RolloutChangeEnum, RolloutGateEnum, RolloutStageKindEnum, RolloutStateEnum } from './rollout-enums.ts';

const ACCOUNT = actorKinds[0];

/** A stage with the time that it runs at least, in ms. */
type ShownStage = RolloutStage & { readonly leastMs: number };

const RolloutStageRef = builder.objectRef<ShownStage>('RolloutStage').implement({
  description: 'A step of a change of policy: what it does, for whom, and how long it runs at least.',
  fields: (t) => ({
    kind: t.expose('kind', { type: RolloutStageKindEnum, description: 'What the stage does.' }),
    atLeast: t.field({
      type: 'Duration',
      description: 'The least time that was proposed for the stage.',
      resolve: ({ atLeastMs }) => atLeastMs,
    }),
    leastTime: t.field({
      type: 'Duration',
      description:
        'The least time that the stage runs before the next one begins: `atLeast`, and for COHORT and ENFORCED at least a day more than the notice period.',
      resolve: ({ leastMs }) => leastMs,
    }),
    share: t.exposeFloat('share', {
      nullable: true,
      description:
        'The largest share of owners, and of keys, for which the new revision is in force. Null: the stage is not a COHORT.',
    }),
    windows: t.field({
      type: ['DateTime'],
      description: 'When the brownout windows of 15 minutes begin. Empty: the stage is not a BROWNOUT.',
      resolve: ({ windows }) => windows.map((at) => new Date(at)),
    }),
  }),
});

const RolloutRevisionRef = builder.objectRef<PreviousRevision>('RolloutRevision').implement({
  description: 'A revision of the binding that a rollout changes.',
  fields: (t) => ({
    revision: t.exposeInt('revision', { description: 'The number of the revision.' }),
    hash: t.exposeString('hash', { description: 'The version of the policy module: the SHA-256 of its files.' }),
    mode: t.expose('mode', { type: BindingModeEnum, description: 'Whether the verdicts of the revision apply.' }),
    config: t.field({
      type: 'JSON',
      description: 'The configuration of the policy, as it was given.',
      resolve: ({ config }) => config,
    }),
    selector: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The keys to which the revision applies, in the form of KeySelector. Null: all keys of the realm.',
      resolve: ({ selector }) => selector,
    }),
    noticePeriod: t.field({
      type: 'Duration',
      description: 'How far ahead the revision announces a stop that it moves earlier.',
      resolve: ({ noticeMs }) => noticeMs,
    }),
  }),
});

const BreakageBudgetRef = builder
  .objectRef<{ readonly owners: number; readonly share: number | null }>('BreakageBudget')
  .implement({
    description: 'How much a rollout may break. Over it the rollout halts.',
    fields: (t) => ({
      owners: t.exposeInt('owners', { description: 'How many owners may break.' }),
      share: t.exposeFloat('share', {
        nullable: true,
        description:
          'As many owners as this share of the consumers of the cohort may break, if that is more. Null: no share is given.',
      }),
    }),
  });

const RolloutProgressRef = builder
  .objectRef<
    Pick<Rollout, 'restoredCount'> & { readonly total: number; readonly done: number; readonly isComplete: boolean }
  >('RolloutProgress')
  .implement({
    description: 'How far the review of the keys has come that follows each stage, and the undoing.',
    fields: (t) => ({
      total: t.exposeInt('total', { description: 'How many keys of the realm are reviewed.' }),
      done: t.exposeInt('done', { description: 'How many of them have been reviewed.' }),
      isComplete: t.exposeBoolean('isComplete', {
        description:
          'Whether all keys have been reviewed, and those that had ended under an undone stage have returned.',
      }),
      restored: t.int({
        description: 'How many keys that had ended under the rollout work again.',
        resolve: ({ restoredCount }) => restoredCount,
      }),
    }),
  });

export const RolloutRef = builder.prismaNode('Rollout', {
  id: { field: 'id' },
  nullable: true,
  description: 'A change of a binding that goes through stages, that owners can answer, and that stops itself.',
  findUnique: (id, { caller }) => ({ id, ...visiblePolicyFilter(caller) }),
  fields: (t) => ({
    realm: t.relation('realm', { type: RealmRef, description: 'The realm whose keys the rollout reaches.' }),
    binding: t.relation('binding', {
      type: BindingRef,
      description:
        'The binding that the rollout changes. Until the rollout is done the binding has its revision before.',
    }),
    change: t.expose('change', { type: RolloutChangeEnum, description: 'What the rollout does to its binding.' }),
    title: t.exposeString('title', { description: 'What changes, for people.' }),
    explanation: t.exposeString('explanation', { description: 'Why it changes, and what owners can do, for people.' }),
    replacement: t.exposeString('replacement', {
      nullable: true,
      description: 'What owners can use instead of the keys that stop. Null: nothing is named.',
    }),
    sealedDigest: t.exposeString('sealedDigest', {
      nullable: true,
      description: 'SHA-256 of a text that is revealed later, in hexadecimal. Null: there is no such text.',
    }),
    state: t.expose('state', { type: RolloutStateEnum, description: 'How far the rollout has come.' }),
    stages: t.field({
      type: [RolloutStageRef],
      description: 'The stages, in their order.',
      select: true,
      resolve: (rollout) => {
        const { stages, noticeMs } = progressOfRollout(rollout);
        return stages.map((stage) => ({ ...stage, leastMs: leastMsOf(stage, noticeMs) }));
      },
    }),
    stage: t.int({
      description: 'The number of the present stage, or of the last one of a rollout that has ended, from 1.',
      select: { stage: true },
      resolve: ({ stage }) => stage + 1,
    }),
    stageSince: t.expose('stageSince', {
      type: 'DateTime',
      description: 'Since when the present stage has run. Pauses do not count.',
    }),
    inForceSince: t.expose('inForceSince', {
      type: 'DateTime',
      nullable: true,
      description: 'When the new revision was first put in force for any key. Null: never.',
    }),
    nextStageAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When the least time of the present stage is over: the next stage begins then, unless waitsFor names another gate. Null: the rollout has ended.',
      select: true,
      resolve: (rollout) => (isOpenRollout(rollout) ? leastTimeEnd(progressOfRollout(rollout)) : null),
    }),
    waitsFor: t.field({
      type: [RolloutGateEnum],
      description: 'The gates that keep the next stage from beginning now. Empty: none, or the rollout has ended.',
      select: { id: true },
      resolve: async ({ id }, _args, context) => {
        const { services, db } = context;
        const read = (ids: readonly string[]) => readOpenGates(services, db, ids, services.clock.now());
        return [...((await loadTogether(context, 'gates of rollouts', id, read)) ?? [])];
      },
    }),
    before: t.field({
      type: RolloutRevisionRef,
      nullable: true,
      description: 'The revision of the binding at the proposal. Null: the rollout binds a policy.',
      select: { before: true },
      resolve: (rollout) => revisionBefore(rollout),
    }),
    after: t.field({
      type: RolloutRevisionRef,
      nullable: true,
      description: 'The new revision. Null: the rollout removes the binding.',
      select: { after: true, revision: true },
      resolve: (rollout) => {
        const after = revisionAfter(rollout);
        return after === null ? null : { ...after, revision: rollout.revision };
      },
    }),
    budget: t.field({
      type: BreakageBudgetRef,
      description: 'How much the rollout may break.',
      select: { budgetOwners: true, budgetShare: true },
      resolve: ({ budgetOwners, budgetShare }) => ({ owners: budgetOwners, share: budgetShare }),
    }),
    isOverBudget: t.exposeBoolean('isOverBudget', {
      description: 'Whether the rollout is PAUSED because its budget was used up.',
    }),
    previewedCount: t.int({
      description: 'How many stops come earlier in the preview of the change.',
      select: { brakeBudget: true },
      resolve: previewedCount,
    }),
    progress: t.field({
      type: RolloutProgressRef,
      description: 'How far the review of the keys has come that follows the last stage, or the undoing.',
      select: {
        restoredCount: true,
        restoreCursor: true,
        binding: { select: { sweepCursor: true, sweepTotal: true, sweepDone: true } },
      },
      resolve: ({ restoredCount, restoreCursor, binding: { sweepCursor, sweepTotal, sweepDone } }) => {
        const total = Math.max(sweepTotal, sweepDone);
        const isComplete = sweepCursor === null && restoreCursor === null;
        return { restoredCount, total, done: sweepCursor === null ? total : sweepDone, isComplete };
      },
    }),
    proposedBy: t.field({
      type: ActorRef,
      description: 'The administrator who proposed the rollout.',
      select: { accountId: true, accountName: true },
      resolve: ({ accountId, accountName }) => ({ kind: ACCOUNT, id: accountId, name: accountName }),
    }),
    approvedBy: t.field({
      type: ActorRef,
      nullable: true,
      description:
        'The second administrator, who began the last stage that needed one. Null: no stage did, or a halt undid it.',
      select: { approvedById: true, approvedByName: true },
      resolve: ({ approvedById, approvedByName }) =>
        approvedById === null ? null : { kind: ACCOUNT, id: approvedById, name: approvedByName },
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the rollout was proposed.' }),
    endedAt: t.expose('endedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the rollout was undone or done. Null: it is open.',
    }),
  }),
});
