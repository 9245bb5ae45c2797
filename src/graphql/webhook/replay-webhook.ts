import { encodeCursor } from '../../log/cursor.ts';
import { replayWebhook } from '../../webhooks/replay.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineWebhookSuccess } from './webhook-success.ts';

const ReplayWebhookInputRef = builder.inputType('ReplayWebhookInput', {
  description: 'Which webhook to replay, and what.',
  fields: (t) => ({
    webhookId: t.id({ required: true, description: 'The webhook that sends again.' }),
    after: t.field({
      type: 'Cursor',
      description: 'All events after this cursor are sent again. Default: only the parked events are.',
    }),
    idempotencyKey: t.string(),
  }),
});

const ReplayWebhookResult = resultType(
  'ReplayWebhook',
  defineWebhookSuccess('ReplayWebhook', 'The events will be sent again.'),
  ['WebhookNotFound', 'WebhookNotActive', 'IdempotencyConflict'],
);

builder.mutationField('replayWebhook', (t) =>
  t.field({
    type: ReplayWebhookResult,
    description: 'Sends events again, each with its original webhook-id: the parked ones, or all after a cursor.',
    args: { input: t.arg({ type: ReplayWebhookInputRef, required: true }) },
    resolve: (_root, { input: { webhookId, after, idempotencyKey } }, { services, caller }) =>
      replayWebhook(services, caller, {
        ...checkIdempotencyKey(idempotencyKey),
        webhookId,
        after: after == null ? null : encodeCursor(after),
      }),
  }),
);
