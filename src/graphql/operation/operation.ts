import type { OperationKeyState, OperationState } from '../../../prisma/generated/client/client.ts';
import { actorKinds } from '../../domain/event.ts';
import { visibleOperations, type ChangeValues } from '../../operations/stored-operation.ts';
import { canUndo } from '../../operations/key-changes.ts';
import { builder } from '../builder.ts';
import { describeValues } from '../describe-values.ts';
import { ActorRef } from '../event/actor.ts';
import { LabelRef } from '../key/key-parts.ts';
import { OrganizationRef } from '../organization/organization.ts';
import { RealmRef } from '../realm/realm.ts';

const stateDescriptions: Readonly<Record<OperationState, string>> = {
  AWAITING_APPROVAL: 'The operation waits until a second person approves it, for 7 days at most. No key has changed.',
  RUNNING: 'Keys are changed, or their change is undone.',
  PAUSED: 'No key changes until the operation is resumed.',
  STOPPED: 'The operation was stopped. The keys that it had not reached stay as they are.',
  DONE: 'The operation has reached all of its keys.',
  UNDONE: 'The change was undone, except where others had changed the key since.',
};

export const OperationStateEnum = builder.enumType('OperationState', {
  description: 'What a change of many keys does at this moment.',
  values: describeValues(stateDescriptions),
});

const keyStateDescriptions: Readonly<Record<OperationKeyState, string>> = {
  WAITING: 'The operation has not reached the key.',
  DONE: 'The key was changed.',
  FAILED: 'The key could not be changed.',
  SKIPPED: 'The key was left as it is: it no longer matched the filter, or the operation was stopped first.',
  UNDONE: 'The key was changed, and the change was undone.',
  UNDO_FAILED: 'The key was changed, and the change could not be undone.',
};

export const OperationKeyStateEnum = builder.enumType('OperationKeyState', {
  description: 'What became of one key in a change of many keys.',
  values: describeValues(keyStateDescriptions),
});

const OperationValuesRef = builder.objectRef<ChangeValues>('OperationValues').implement({
  description: 'The values of a change of many keys.',
  fields: (t) => ({
    labels: t.field({
      type: [LabelRef],
      description: 'The labels that LABEL adds or changes.',
      resolve: ({ labels }) => [...(labels ?? [])],
    }),
    removeLabels: t.stringList({
      description: 'The names of the labels that LABEL removes.',
      resolve: ({ removeLabels }) => [...(removeLabels ?? [])],
    }),
    ownerId: t.id({
      nullable: true,
      description: 'The account or organization that owns the keys after TRANSFER. Null: the change is not TRANSFER.',
      resolve: ({ owner }) => owner,
    }),
    lifetime: t.field({
      type: 'Duration',
      nullable: true,
      description: 'The lifetime that RENEW requests. Null: each key gets the lifetime that it was last given.',
      resolve: ({ lifetimeMs }) => lifetimeMs,
    }),
    gracePeriod: t.field({
      type: 'Duration',
      nullable: true,
      description:
        'The grace period that ASK_ROTATION asks for. Null: it names none, so that a rotation without one has a day.',
      resolve: ({ gracePeriodMs }) => gracePeriodMs ?? null,
    }),
  }),
});

const ACCOUNT = actorKinds[0];

export const OperationRef = builder.prismaNode('Operation', {
  id: { field: 'id' },
  nullable: true,
  description:
    'A change of many keys, which runs in batches. It is visible to administrators; an operation of an organization also to its OWNERs and ADMINs.',
  findUnique: (id, { caller }) => ({ id, AND: [visibleOperations(caller)] }),
  fields: (t) => ({
    realm: t.relation('realm', { type: RealmRef, description: 'The realm of the keys.' }),
    organization: t.relation('organization', {
      type: OrganizationRef,
      nullable: true,
      description: 'The organization whose keys it changes. Null: an administrator changes keys of any owner.',
    }),
    kind: t.exposeString('kind', { description: 'What it does to each key: a value of KeyChange.' }),
    values: t.field({
      type: OperationValuesRef,
      description: 'The values of the change.',
      select: { change: true },
      resolve: ({ change }) => change as unknown as ChangeValues,
    }),
    filter: t.expose('filter', { type: 'JSON', description: 'The filter that chose the keys, as it was sent.' }),
    state: t.expose('state', { type: OperationStateEnum, description: 'What the operation does at this moment.' }),
    isUndoing: t.exposeBoolean('isUndoing', { description: 'Whether its batches undo the change, or have undone it.' }),
    canUndo: t.boolean({
      description:
        'Whether undoOperation can undo it now: a HOLD, LABEL or ASK_ROTATION that neither awaits approval nor was undone.',
      select: { kind: true, state: true },
      resolve: canUndo,
    }),
    reason: t.exposeString('reason', { description: 'Why the keys are changed. Each event of a key has it.' }),
    actor: t.field({
      type: ActorRef,
      nullable: true,
      description: 'The person who started the operation.',
      select: { accountId: true, accountName: true },
      resolve: ({ accountId, accountName }) => ({ kind: ACCOUNT, id: accountId, name: accountName }),
    }),
    approvedBy: t.field({
      type: ActorRef,
      nullable: true,
      description: 'The second person, who approved the operation. Null: it was not approved.',
      select: { approvedById: true, approvedByName: true },
      resolve: ({ approvedById, approvedByName }) =>
        approvedById === null ? null : { kind: ACCOUNT, id: approvedById, name: approvedByName },
    }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When the dry run was confirmed.' }),
    endedAt: t.expose('endedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the operation ended. Null: it has not ended.',
    }),
    total: t.exposeInt('total', { description: 'How many keys the dry run found. done + failed + skipped reach it.' }),
    done: t.exposeInt('done', { description: 'How many keys were changed, including those whose change was undone.' }),
    failed: t.exposeInt('failed', { description: 'How many keys could not be changed: `keys` says why.' }),
    skipped: t.exposeInt('skipped', { description: 'How many keys were left as they are: `keys` says why.' }),
    undone: t.exposeInt('undone', { description: 'For how many keys the change was undone.' }),
    newlyMatched: t.exposeInt('newlyMatched', {
      description:
        'How many keys matched the filter at the start that the dry run had not found. They are left as they are.',
    }),
  }),
});
