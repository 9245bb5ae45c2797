import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import type { Prisma } from '../../../prisma/generated/client/client.ts';
import { visibleWebhooks } from '../../webhooks/stored-webhook.ts';
import { AccountRef } from '../account/account.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { createKeyset, type PageArgs } from '../keyset.ts';
import { OrganizationRef } from '../organization/organization.ts';
import { RealmRef } from '../realm/realm.ts';
import { WebhookRef, WebhookStateEnum } from './webhook.ts';

const WebhookConnectionRef = builder.connectionObject(
  { type: WebhookRef, name: 'WebhookConnection' },
  { name: 'WebhookEdge' },
);

addWebhooks(AccountRef, 'accountId');
addWebhooks(OrganizationRef, 'organizationId');
addWebhooks(RealmRef, 'realmId');

/** Adds the list of webhooks to the type of their owner: an account, an organization or a realm. */
function addWebhooks(
  owner: typeof AccountRef | typeof OrganizationRef | typeof RealmRef,
  column: 'accountId' | 'organizationId' | 'realmId',
): void {
  builder.prismaObjectField(owner, 'webhooks', (t) =>
    t.field({
      type: WebhookConnectionRef,
      description:
        'The webhooks, newest first. Webhooks that ended in the last 30 days are included. Empty unless the caller may manage the webhooks.',
      args: t.arg.connectionArgs(),
      select: { id: true },
      resolve: ({ id }, args, context, info) => listWebhooks({ [column]: id }, args, context, info),
    }),
  );
}

builder.queryField('webhooks', (t) =>
  t.field({
    type: WebhookConnectionRef,
    description:
      'The webhooks of all owners and realms that the caller manages, newest first. Webhooks that ended in the last 30 days are included.',
    args: {
      ...t.arg.connectionArgs(),
      states: t.arg({
        type: [WebhookStateEnum],
        description: 'Only webhooks in one of these states. An empty list chooses no webhook. Default: all.',
      }),
    },
    resolve: (_root, { states, ...page }, context, info) =>
      listWebhooks(states == null ? {} : { state: { in: [...states] } }, page, context, info),
  }),
);

async function listWebhooks(
  belongsTo: Prisma.WebhookWhereInput,
  args: PageArgs,
  context: Context,
  info: GraphQLResolveInfo,
) {
  const { where, connection, ...rest } = createKeyset(args, { column: 'createdAt', direction: 'DESC' });
  const rows = await context.db.webhook.findMany({
    ...(queryFromInfo({ context, info, path: ['edges', 'node'] }) as object),
    ...rest,
    where: { AND: [visibleWebhooks(context.caller), belongsTo, ...where] },
  });
  return connection(rows);
}
