import { queryFromInfo } from '@pothos/plugin-prisma';
import { visiblePolicyFilter } from '../../realms/visible-realms.ts';
import { builder } from '../builder.ts';
import { createKeyset } from '../keyset.ts';
import { RolloutRef } from './rollout.ts';
import { RolloutStateEnum } from './rollout-enums.ts';

const RolloutConnectionRef = builder.connectionObject(
  { type: RolloutRef, name: 'RolloutConnection' },
  { name: 'RolloutEdge' },
);

builder.queryField('rollout', (t) =>
  t.prismaField({
    type: RolloutRef,
    nullable: true,
    description:
      'The rollout with this id. Null if there is none, or the caller may not see the policies of its realm.',
    args: { id: t.arg.id({ required: true, description: 'Id of a rollout: rollout_ and 26 characters.' }) },
    resolve: (query, _root, { id }, { db, caller }) =>
      db.rollout.findUnique({ ...query, where: { id, ...visiblePolicyFilter(caller) } }),
  }),
);

builder.queryField('rollouts', (t) =>
  t.field({
    type: RolloutConnectionRef,
    description: 'The rollouts that the caller may see, newest first.',
    args: {
      ...t.arg.connectionArgs(),
      realm: t.arg.string({ description: 'Slug of a realm: only its rollouts. Default: all realms.' }),
      states: t.arg({
        type: [RolloutStateEnum],
        description: 'Only rollouts in one of these states. An empty list chooses none. Default: all.',
      }),
    },
    resolve: async (_root, { realm, states, ...page }, context, info) => {
      const { where, connection, ...rest } = createKeyset(page, { column: 'createdAt', direction: 'DESC' });
      const inRealm = realm == null ? {} : { realm: { slug: realm } };
      const inStates = states == null ? {} : { state: { in: [...states] } };
      const rows = await context.db.rollout.findMany({
        ...(queryFromInfo({ context, info, path: ['edges', 'node'] }) as object),
        ...rest,
        where: { AND: [visiblePolicyFilter(context.caller), inRealm, inStates, ...where] },
      });
      return connection(rows);
    },
  }),
);
