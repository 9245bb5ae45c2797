import { always, listOf, nullable, objectOf, optional, recorded } from './event-field.ts';
import { beforeAndAfter, changed, changedType, eventType, label } from './shared-event-fields.ts';

const webhookId = always('id', 'The webhook that the event is about.');

const filter = objectOf('ChangedWebhookFilter', 'The filter of a webhook, before or after a change.', {
  types: always(listOf(eventType), 'The types of events that are sent. Empty: all.'),
  keyIds: always(listOf('id'), 'The keys whose events are sent. Empty: all.'),
  labels: always(listOf(label), 'The labels that a key must have. Empty: none are required.'),
});

const changedWebhook = changedType('Webhook', 'a webhook, without its URL, which may contain a secret', {
  description: optional('text', 'The description of the webhook, for people.'),
  filter: optional(filter, 'Which events are sent.'),
});

/** The fields of `data` of the events of webhooks. */
export const webhookEventFields = {
  WEBHOOK_CREATED: { webhookId },
  WEBHOOK_UPDATED: { webhookId, changed, ...beforeAndAfter(changedWebhook) },
  WEBHOOK_SECRET_ROTATED: {
    webhookId,
    generation: recorded('integer', 'Which secret of the webhook is the newest, counted from 1.'),
    previousRetiresAt: recorded('instant', 'When the old secret no longer signs.'),
  },
  WEBHOOK_TESTED: { webhookId },
  WEBHOOK_REPLAYED: {
    webhookId,
    after: nullable(
      'cursor',
      'The cursor after which all events are sent again. Null: only the parked events are sent again.',
    ),
    isOfParked: always('boolean', 'Whether the parked events are sent again, instead of all events after a cursor.'),
  },
  WEBHOOK_PARKED: {
    webhookId,
    eventId: always('id', 'The event that could not be delivered.'),
    eventType: always(eventType, 'The type of the event that could not be delivered.'),
  },
  WEBHOOK_PAUSED: { webhookId },
  WEBHOOK_RESUMED: {
    webhookId,
    waitingCount: recorded('integer', 'How many failed deliveries are retried at once.'),
  },
  WEBHOOK_ENDED: { webhookId },
} as const;
