import type {
  RolloutAnswer,
  RolloutException,
  RolloutExceptionState,
} from '../../../prisma/generated/client/client.ts';
import { kindOf } from '../../domain/id.ts';
import { sightOfAnswer } from '../../domain/rollout-answer.ts';
import { mayAnswerFor, ownAnswersFilter, visibleAnswersFilter } from '../../rollouts/visible-rollouts.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { relayDescriptions } from '../default-descriptions.ts';
import { describeValues } from '../describe-values.ts';
import { createKeyset } from '../keyset.ts';
import { OwnerRef } from '../owner.ts';
import { RolloutAnswerKindEnum } from './rollout-enums.ts';
import { RolloutRef } from './rollout.ts';

const exceptionStates: Readonly<Record<RolloutExceptionState, string>> = {
  ASKED: 'The owner requested it, and no administrator has decided.',
  GRANTED: 'The revision before is in force for its keys until its end.',
  REFUSED: 'An administrator refused it.',
  ENDED: 'It ended by itself, or the owner took the request back.',
};

const RolloutExceptionStateEnum = builder.enumType('RolloutExceptionState', {
  description: 'What became of an exception from a rollout.',
  values: describeValues(exceptionStates),
});

/** An answer, with what the caller sees of it (rule 46): its text, and all else if it has a say in it. */
type ShownAnswer = RolloutAnswer & { readonly isShown: boolean; readonly isOwn: boolean };

const findOwner = ({ ownerId }: { readonly ownerId: string }, { db }: Context) => {
  const where = { id: ownerId };
  if (kindOf(ownerId) === 'subject') return db.subject.findUnique({ where });
  return kindOf(ownerId) === 'organization' ? db.organization.findUnique({ where }) : db.account.findUnique({ where });
};

const RolloutAnswerRef = builder.objectRef<ShownAnswer>('RolloutAnswer').implement({
  description:
    'An owner’s answer to a rollout. Administrators and the owner see all of it. Others see a public comment, without its author, and replies.',
  fields: (t) => ({
    answerId: t.exposeID('id', { description: 'Id of the answer: answer_ and 26 characters.' }),
    kind: t.expose('kind', { type: RolloutAnswerKindEnum, description: 'The kind of the answer.' }),
    owner: t.field({
      type: OwnerRef,
      nullable: true,
      description:
        'In whose name it was given. Null: the caller neither administers the realm nor answers for that owner.',
      resolve: (answer, _args, context) => (answer.isOwn ? findOwner(answer, context) : null),
    }),
    text: t.string({
      nullable: true,
      description:
        'The text, as it was written. It is markup of no kind: show it as text. Null: none, or not for the caller.',
      resolve: ({ text, isShown }) => (isShown ? text : null),
    }),
    isPublic: t.exposeBoolean('isPublic', { description: 'Whether all whom the rollout touches see the text.' }),
    keyIds: t.idList({
      description: 'The keys that it is about. Empty: all keys of the owner, or not for the caller.',
      resolve: ({ isOwn, keyIds }) => (isOwn ? keyIds : []),
    }),
    until: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'ASK_EXCEPTION: the requested end. Null: none, or not for the caller.',
      resolve: ({ isOwn, until }) => (isOwn ? until : null),
    }),
    brownout: t.boolean({
      description: 'ENROLL: whether the owner wants brownouts.',
      resolve: ({ isOwn, takesBrownouts }) => isOwn && takesBrownouts,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was given.' }),
    withdrawnAt: t.expose('withdrawnAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the owner took it back. Null: it stands.',
    }),
    reply: t.exposeString('reply', {
      nullable: true,
      description: 'What an administrator replied: all whom the rollout touches see it. Null: none has replied.',
    }),
    repliedAt: t.expose('repliedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When an administrator replied. Null: none has.',
    }),
  }),
});

const RolloutAnswerConnectionRef = builder.connectionObject(
  { type: RolloutAnswerRef, name: 'RolloutAnswerConnection' },
  { name: 'RolloutAnswerEdge' },
);

const RolloutExceptionRef = builder.objectRef<RolloutException>('RolloutException').implement({
  description:
    'An exception from a rollout: the revision before stays in force for some keys, for its binding alone, until its end.',
  fields: (t) => ({
    exceptionId: t.exposeID('id', { description: 'Id of the exception: exception_ and 26 characters.' }),
    owner: t.field({
      type: OwnerRef,
      nullable: true,
      description: 'Who requested it.',
      resolve: (exception, _args, context) => findOwner(exception, context),
    }),
    keyIds: t.idList({
      description: 'The keys that it is about. Empty: all keys of the owner.',
      resolve: ({ keyIds }) => keyIds,
    }),
    until: t.expose('until', { type: 'DateTime', description: 'When it ends by itself.' }),
    reason: t.exposeString('reason', { description: 'Why the owner requested it.' }),
    state: t.expose('state', { type: RolloutExceptionStateEnum, description: 'What became of it.' }),
    decision: t.exposeString('decision', {
      nullable: true,
      description: 'What the administrator wrote. Null: no administrator has decided.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the owner requested it.' }),
    decidedAt: t.expose('decidedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When an administrator decided. Null: none has.',
    }),
    endedAt: t.expose('endedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ended, or the request was taken back. Null: it has not.',
    }),
  }),
});

const RolloutExceptionConnectionRef = builder.connectionObject(
  { type: RolloutExceptionRef, name: 'RolloutExceptionConnection' },
  { name: 'RolloutExceptionEdge' },
);

builder.prismaObjectFields(RolloutRef, (t) => ({
  answers: t.field({
    type: RolloutAnswerConnectionRef,
    description:
      'The answers of owners, newest first, as far as the caller may see it: administrators all, an owner its own, all others public comments and replies.',
    select: { id: true, realmId: true },
    args: {
      first: t.arg.int(relayDescriptions.firstArgOptions),
      after: t.arg.string(relayDescriptions.afterArgOptions),
    },
    resolve: async ({ id, realmId }, page, { db, caller }) => {
      const { where, connection, ...rest } = createKeyset(page, { column: 'createdAt', direction: 'DESC' });
      const visible = visibleAnswersFilter(caller, realmId);
      const rows = await db.rolloutAnswer.findMany({ ...rest, where: { AND: [{ rolloutId: id }, visible, ...where] } });
      return connection(
        rows.map((row): ShownAnswer => {
          const isOwn = mayAnswerFor(caller, row.ownerId, realmId);
          return { ...row, isOwn, ...sightOfAnswer({ ...row, hasReply: row.repliedAt !== null }, isOwn) };
        }),
      );
    },
  }),
  exceptions: t.field({
    type: RolloutExceptionConnectionRef,
    description: 'The requested exceptions, newest first: administrators see all, an owner its own.',
    select: { id: true, realmId: true },
    args: {
      first: t.arg.int(relayDescriptions.firstArgOptions),
      after: t.arg.string(relayDescriptions.afterArgOptions),
    },
    resolve: async ({ id, realmId }, page, { db, caller }) => {
      const { where, connection, ...rest } = createKeyset(page, { column: 'createdAt', direction: 'DESC' });
      const own = ownAnswersFilter(caller, realmId) as object;
      return connection(
        await db.rolloutException.findMany({ ...rest, where: { AND: [{ rolloutId: id }, own, ...where] } }),
      );
    },
  }),
}));
