import type { EventType } from '../../domain/event.ts';
import type { LabelInput } from '../../keys/check-labels.ts';
import { visibleWebhooks } from '../../webhooks/stored-webhook.ts';
import { builder } from '../builder.ts';
import { EventTypeEnum } from '../enums.ts';
import { LabelInputRef } from '../key/key-filter.ts';
import { LabelRef } from '../key/key.ts';
import { OwnerRef } from '../owner.ts';
import { RealmRef } from '../realm/realm.ts';

const WebhookStateEnum = builder.enumType('WebhookState', {
  description:
    'ACTIVE sends; PAUSED has stopped, after failures or because somebody said so, and goes on from there when it is resumed; ENDED is final.',
  values: ['ACTIVE', 'PAUSED', 'ENDED'] as const,
});

export const WebhookFilterRef = builder.inputType('WebhookFilter', {
  description: 'Which events are sent. All that is given has to hold; what is left out chooses all.',
  fields: (t) => ({
    types: t.field({ type: [EventTypeEnum] }),
    keyIds: t.idList(),
    labels: t.field({
      type: [LabelInputRef],
      description: 'Events of keys that have all of them when the event is sent.',
    }),
  }),
});

const WebhookSecretRef = builder.prismaObject('WebhookSecret', {
  description: 'One generation of what requests are signed with. The secret itself is shown once, when it is made.',
  fields: (t) => ({
    generation: t.exposeInt('generation'),
    publicKey: t.exposeString('publicKey', {
      description: 'Verifies the v1a signatures: Ed25519, as whpk_ and base64.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    retiresAt: t.expose('retiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'From then on nothing is signed with it.',
    }),
  }),
});

export const WebhookRef = builder.prismaNode('Webhook', {
  id: { field: 'id' },
  nullable: true,
  description:
    'Where events are sent to, signed after Standard Webhooks. It belongs to an owner or a realm, whoever made it.',
  findUnique: (id, { caller }) => ({ id, AND: [visibleWebhooks(caller)] }),
  fields: (t) => ({
    owner: t.field({
      type: OwnerRef,
      nullable: true,
      description: 'Whose events are sent; null: it belongs to a realm.',
      select: (_args, _context, nestedSelection) => ({
        account: nestedSelection(true, [], 'Account'),
        organization: nestedSelection(true, [], 'Organization'),
      }),
      resolve: ({ account, organization }) => account ?? organization,
    }),
    realm: t.relation('realm', {
      type: RealmRef,
      nullable: true,
      description: 'The realm all of whose events are sent; null: it belongs to an owner.',
    }),
    url: t.exposeString('url'),
    description: t.exposeString('description'),
    types: t.field({
      type: [EventTypeEnum],
      description: 'Empty: all.',
      select: { types: true },
      resolve: ({ types }) => types as EventType[],
    }),
    keyIds: t.field({
      type: ['ID'],
      description: 'Empty: all.',
      select: { keyIds: true },
      resolve: ({ keyIds }) => keyIds,
    }),
    labels: t.field({
      type: [LabelRef],
      description: 'Empty: all.',
      select: { labels: true },
      resolve: ({ labels }) => labels as unknown as LabelInput[],
    }),
    state: t.expose('state', { type: WebhookStateEnum }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why it is paused or has ended.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    changedAt: t.expose('changedAt', { type: 'DateTime' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true }),
    deliveredAt: t.expose('deliveredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When an event was last delivered.',
    }),
    nextAttemptAt: t.expose('nextAttemptAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Nothing is sent before then, after failures or because the receiver asked for it.',
    }),
    cursor: t.field({
      type: 'Cursor',
      description: 'All events up to here have been delivered, or are among `waiting` and `parked`.',
      select: { position: true },
      resolve: ({ position }) => position,
    }),
    secrets: t.field({
      type: [WebhookSecretRef],
      description: 'Newest first.',
      select: { secrets: { orderBy: { generation: 'desc' } } },
      resolve: ({ secrets }) => secrets,
    }),
  }),
});
