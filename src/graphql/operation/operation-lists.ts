import { queryFromInfo } from '@pothos/plugin-prisma';
import type { OperationKey } from '../../../prisma/generated/client/client.ts';
import { visibleKeys } from '../../keys/visible-keys.ts';
import { visibleOperations } from '../../operations/stored-operation.ts';
import { builder } from '../builder.ts';
import { relayDescriptions } from '../default-descriptions.ts';
import { KeyRef } from '../key/key.ts';
import { createKeyset, PAGE_DEFAULT } from '../keyset.ts';
import { OperationKeyStateEnum, OperationRef, OperationStateEnum } from './operation.ts';
import { checkPageSize, pageOf } from './page-of-keys.ts';

const OperationConnectionRef = builder.connectionObject(
  { type: OperationRef, name: 'OperationConnection' },
  { name: 'OperationEdge' },
);

/** A key of an operation. The caller may no longer see a key that was transferred since. */
type ListedKey = OperationKey & { readonly isVisible: boolean };

const OperationKeyRef = builder.objectRef<ListedKey>('OperationKey').implement({
  description: 'One key of a change of many keys, and what became of it.',
  fields: (t) => ({
    keyId: t.exposeID('keyId', { description: 'The id of the changed key.' }),
    key: t.prismaField({
      type: KeyRef,
      nullable: true,
      description:
        'The changed key as it is now. Null: it has been transferred, and the caller may not see it any more.',
      resolve: (query, { keyId, isVisible }, _args, { db }) =>
        isVisible ? db.key.findUniqueOrThrow({ ...query, where: { id: keyId } }) : null,
    }),
    state: t.expose('state', { type: OperationKeyStateEnum, description: 'What became of the key.' }),
    code: t.exposeString('code', {
      nullable: true,
      description:
        'Why the key was not changed, for programs: the code of a failure, or NO_LONGER_MATCHES or OPERATION_STOPPED. Null: it was changed, or waits.',
    }),
    message: t.exposeString('message', {
      nullable: true,
      description: 'Why the key was not changed, for people. Null: it was changed, or waits.',
    }),
    changedAt: t.expose('changedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the operation reached the key. Null: it waits.',
    }),
  }),
});

const OperationKeyConnectionRef = builder.connectionObject(
  { type: OperationKeyRef, name: 'OperationKeyConnection' },
  { name: 'OperationKeyEdge' },
);

builder.prismaObjectField(OperationRef, 'keys', (t) =>
  t.field({
    type: OperationKeyConnectionRef,
    description: 'The keys of the operation and what became of each, in the order of their ids.',
    select: { id: true },
    args: {
      first: t.arg.int(relayDescriptions.firstArgOptions),
      after: t.arg.string(relayDescriptions.afterArgOptions),
      states: t.arg({
        type: [OperationKeyStateEnum],
        description: 'Only keys in one of these states. An empty list chooses no key. Default: all.',
      }),
    },
    resolve: async ({ id }, { first, after, states }, { db, caller }) => {
      const size = checkPageSize(first ?? PAGE_DEFAULT);
      const rows = await db.operationKey.findMany({
        where: {
          operationId: id,
          ...(states != null && { state: { in: [...states] } }),
          ...(after != null && { keyId: { gt: after } }),
        },
        orderBy: { keyId: 'asc' },
        take: size + 1,
      });
      const where = { AND: [{ id: { in: rows.map(({ keyId }) => keyId) } }, visibleKeys(caller)] };
      const visible = new Set((await db.key.findMany({ where, select: { id: true } })).map((key) => key.id));
      const listed = rows.map((row): ListedKey => ({ ...row, isVisible: visible.has(row.keyId) }));
      return pageOf(listed, size, after ?? null, ({ keyId }) => keyId);
    },
  }),
);

builder.queryField('operation', (t) =>
  t.prismaField({
    type: OperationRef,
    nullable: true,
    description: 'The operation with this id. Null if there is none, or the caller does not manage it.',
    args: { id: t.arg.id({ required: true, description: 'Id of an operation: operation_ and 26 characters.' }) },
    resolve: (query, _root, { id }, { db, caller }) =>
      db.operation.findUnique({ ...query, where: { id, AND: [visibleOperations(caller)] } }),
  }),
);

builder.queryField('operations', (t) =>
  t.field({
    type: OperationConnectionRef,
    description: 'The changes of many keys that the caller manages, newest first.',
    args: {
      ...t.arg.connectionArgs(),
      realm: t.arg.string({ description: 'Slug of a realm: only operations on its keys. Default: all realms.' }),
      states: t.arg({
        type: [OperationStateEnum],
        description: 'Only operations in one of these states. An empty list chooses none. Default: all.',
      }),
    },
    resolve: async (_root, { realm, states, ...page }, context, info) => {
      const { where, connection, ...rest } = createKeyset(page, { column: 'startedAt', direction: 'DESC' });
      const inRealm = realm == null ? {} : { realm: { slug: realm } };
      const inStates = states == null ? {} : { state: { in: [...states] } };
      const rows = await context.db.operation.findMany({
        ...(queryFromInfo({ context, info, path: ['edges', 'node'] }) as object),
        ...rest,
        where: { AND: [visibleOperations(context.caller), inRealm, inStates, ...where] },
      });
      return connection(rows);
    },
  }),
);
