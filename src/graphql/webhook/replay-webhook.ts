import { encodeCursor } from '../../log/cursor.ts';
import { replayWebhook } from '../../webhooks/replay.ts';
import { mutation } from '../mutation.ts';
import { webhookFields } from './webhook-success.ts';

mutation('replayWebhook', {
  description:
    'Sends events again, each with its original webhook-id: the parked events, or all events after a cursor.',
  input: {
    description: 'Which webhook to replay, and which events.',
    fields: (t) => ({
      webhookId: t.id({ required: true, description: 'The webhook that sends again.' }),
      after: t.field({
        type: 'Cursor',
        description: 'All events after this cursor are sent again. Default: only the parked events are sent again.',
      }),
    }),
  },
  useCase: replayWebhook,
  toInput: ({ webhookId, after }) => ({ webhookId, after: after == null ? null : encodeCursor(after) }),
  failures: ['WebhookNotFound', 'WebhookNotActive'],
  success: { description: 'The events will be sent again.', fields: webhookFields },
});
