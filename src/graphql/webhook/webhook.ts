import type { EventType } from '../../domain/event.ts';
import type { LabelInput } from '../../keys/check-labels.ts';
import { visibleWebhooks } from '../../webhooks/stored-webhook.ts';
import { builder } from '../builder.ts';
import { describeValues } from '../describe-values.ts';
import { EventTypeEnum } from '../enums.ts';
import { LabelInputRef } from '../key/key-filter.ts';
import { LabelRef } from '../key/key-parts.ts';
import { OwnerRef } from '../owner.ts';
import { RealmRef } from '../realm/realm.ts';
import type { WebhookFilter } from '../../webhooks/check-webhook.ts';

export const WebhookStateEnum = builder.enumType('WebhookState', {
  description: 'Whether a webhook sends events.',
  values: describeValues({
    ACTIVE: 'Events are sent.',
    PAUSED:
      'Nothing is sent until the webhook is resumed: a person paused it, or nothing could be delivered for about three days.',
    ENDED: 'The webhook has ended for good: it was deleted, or its receiver responded 410.',
  }),
});

export const WebhookFilterRef = builder.inputType('WebhookFilter', {
  description:
    'Which events a webhook sends. All members that are given must match; an empty list or a missing member selects all events.',
  fields: (t) => ({
    types: t.field({ type: [EventTypeEnum], description: 'Events of one of these types.' }),
    keyIds: t.idList({ description: 'Events of one of these keys: at most 100 ids.' }),
    labels: t.field({
      type: [LabelInputRef],
      description: 'Events of keys that have all of these labels at the moment of sending: at most 50.',
    }),
  }),
});

const WebhookSecretRef = builder.prismaObject('WebhookSecret', {
  description:
    'One generation of a webhook’s secret and key pair. The secret itself is shown only once, when it is created.',
  fields: (t) => ({
    generation: t.exposeInt('generation', { description: 'Starts at 1 and increases with each rotation.' }),
    publicKey: t.exposeString('publicKey', {
      description: 'The Ed25519 public key that verifies the v1a signatures: whpk_ and base64.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When this generation was created.' }),
    retiresAt: t.expose('retiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When this generation stops signing requests. Null: it is the newest generation and keeps signing.',
    }),
  }),
});

export const WebhookRef = builder.prismaNode('Webhook', {
  id: { field: 'id' },
  nullable: true,
  description:
    'Posts events to a URL and signs them by the Standard Webhooks specification. It belongs to an owner or a realm, not to the account that created it.',
  findUnique: (id, { caller }) => ({ id, AND: [visibleWebhooks(caller)] }),
  fields: (t) => ({
    owner: t.field({
      type: OwnerRef,
      nullable: true,
      description: 'The account or organization whose events are sent. Null: the webhook belongs to a realm.',
      select: (_args, _context, nestedSelection) => ({
        account: nestedSelection(true, [], 'Account'),
        organization: nestedSelection(true, [], 'Organization'),
      }),
      resolve: ({ account, organization }) => account ?? organization,
    }),
    realm: t.relation('realm', {
      type: RealmRef,
      nullable: true,
      description: 'The realm all of whose events are sent. Null: the webhook belongs to an owner.',
    }),
    url: t.exposeString('url', { description: 'Where events are posted to.' }),
    description: t.exposeString('description', { description: 'A note for people. Empty: there is no note.' }),
    types: t.field({
      type: [EventTypeEnum],
      description: 'The types of events that are sent. Empty: all.',
      select: { types: true },
      resolve: ({ types }) => types as EventType[],
    }),
    keyIds: t.field({
      type: ['ID'],
      description: 'The keys whose events are sent. Empty: all.',
      select: { keyIds: true },
      resolve: ({ keyIds }) => keyIds,
    }),
    labels: t.field({
      type: [LabelRef],
      description: 'The labels that a key must have when its event is sent. Empty: none are required.',
      select: { labels: true },
      resolve: ({ labels }) => labels as unknown as LabelInput[],
    }),
    state: t.expose('state', { type: WebhookStateEnum, description: 'Whether events are sent.' }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: 'Why the webhook is paused or has ended. Null: it is active.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the webhook was created.' }),
    changedAt: t.expose('changedAt', {
      type: 'DateTime',
      description: 'When the webhook last changed, by a person or by the gateway.',
    }),
    endedAt: t.expose('endedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the webhook ended. Null: it has not ended.',
    }),
    deliveredAt: t.expose('deliveredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When an event was last delivered. Null: no event has been delivered.',
    }),
    nextAttemptAt: t.expose('nextAttemptAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'The end of the back-off: nothing is sent before this moment, because deliveries failed or the receiver sent Retry-After. Null: the webhook does not back off.',
    }),
    cursor: t.field({
      type: 'Cursor',
      description: 'All events up to this position have been delivered, or are listed in `waiting` or `parked`.',
      select: { position: true },
      resolve: ({ position }) => position,
    }),
    secrets: t.field({
      type: [WebhookSecretRef],
      description: 'The secrets that sign requests, newest first. Empty after the webhook has ended.',
      select: { secrets: { orderBy: { generation: 'desc' } } },
      resolve: ({ secrets }) => secrets,
    }),
  }),
});

/** Returns the filter of an input. A member that is left out becomes an empty list, which selects all events. */
export function toWebhookFilter({ types, keyIds, labels }: typeof WebhookFilterRef.$inferInput): WebhookFilter {
  return { types: types ?? [], keyIds: keyIds ?? [], labels: labels ?? [] };
}
