import { queryFromInfo } from '@pothos/plugin-prisma';
import type { Key, Rollout } from '../../../prisma/generated/client/client.ts';
import { findMovedKeys, ownKeys, type MovedKey } from '../../rollouts/moved-keys.ts';
import { builder } from '../builder.ts';
import { relayDescriptions } from '../default-descriptions.ts';
import { KeyRef } from '../key/key.ts';
import { checkSize, type Order, readCursor, writeCursor } from '../keyset.ts';
import { RolloutRef } from './rollout.ts';

const ORDER: Order = { column: 'createdAt', direction: 'ASC' };

type ShownKey = MovedKey & { readonly key: Key };

const RolloutKeyRef = builder.objectRef<ShownKey>('RolloutKey').implement({
  description:
    'A key whose stop a rollout moves. Both stops are as if their revision were in force for the key now, with its notice.',
  fields: (t) => ({
    key: t.field({ type: KeyRef, description: 'The key, as the caller sees it elsewhere.', resolve: ({ key }) => key }),
    stopsAtWithout: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it stops with the revision before. Null: never.',
      resolve: ({ before }) => before,
    }),
    stopsAtWith: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it stops with the new revision. Null: never.',
      resolve: ({ after }) => after,
    }),
    isReached: t.exposeBoolean('isReached', {
      description:
        'Whether the present stage of the rollout has put the new revision in force for the owner of the key. An exception keeps the revision before in force.',
    }),
  }),
});

const RolloutKeyConnectionRef = builder.connectionObject(
  { type: RolloutKeyRef, name: 'RolloutKeyConnection' },
  { name: 'RolloutKeyEdge' },
);

builder.prismaObjectField(RolloutRef, 'myKeys', (t) =>
  t.field({
    type: RolloutKeyConnectionRef,
    description:
      'The live keys whose stop the rollout moves, the oldest first: of the caller, of its organizations, and of the customers that it acts for. At most 2,000 keys are evaluated for one page: it may have fewer items than `first`, and a further page. Empty once the rollout was undone.',
    args: {
      first: t.arg.int(relayDescriptions.firstArgOptions),
      after: t.arg.string(relayDescriptions.afterArgOptions),
      ownerId: t.arg.id({
        description:
          'Only keys of this owner: an account, an organization or a customer. Of others than itself a caller finds those that it may see.',
      }),
    },
    select: true,
    resolve: async (rollout: Rollout, args, context, info) => {
      const { caller, db, services } = context;
      const size = checkSize('first', args.first);
      const after = args.after == null ? '' : readCursor('after', args.after, ORDER)[1];
      const keys = ownKeys(caller, args.ownerId ?? null);
      const found =
        rollout.state === 'UNDONE'
          ? { keys: [], last: null }
          : await findMovedKeys(services, services.prisma, rollout, { keys, after, limit: size + 1 });
      const shown = found.keys.slice(0, size);
      const rows = await db.key.findMany({
        ...(queryFromInfo({ context, info, path: ['edges', 'node', 'key'] }) as object),
        where: { id: { in: shown.map(({ id }) => id) } },
      });
      const rowOf = new Map(rows.map((row) => [row.id, row]));
      const edges = shown.flatMap((moved) => {
        const key = rowOf.get(moved.id);
        return key === undefined ? [] : { cursor: writeCursor(moved, ORDER), node: { ...moved, key } };
      });
      const isCut = found.keys.length > size;
      const scannedUpTo = found.last === null ? null : writeCursor(found.last, ORDER);
      return {
        edges,
        pageInfo: {
          hasNextPage: isCut || scannedUpTo !== null,
          hasPreviousPage: args.after != null,
          startCursor: edges[0]?.cursor ?? null,
          endCursor: (isCut ? null : scannedUpTo) ?? edges.at(-1)?.cursor ?? null,
        },
      };
    },
  }),
);
