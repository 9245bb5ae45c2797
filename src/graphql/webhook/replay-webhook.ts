import { encodeCursor } from '../../log/cursor.ts';
import { replayWebhook } from '../../webhooks/replay.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineWebhookSuccess } from './webhook-success.ts';

const ReplayWebhookInputRef = builder.inputType('ReplayWebhookInput', {
  fields: (t) => ({
    webhookId: t.id({ required: true }),
    after: t.field({ type: 'Cursor', description: 'All events after it are sent again; left out: what is parked.' }),
    idempotencyKey: t.string(),
  }),
});

const ReplayWebhookResult = resultType(
  'ReplayWebhook',
  defineWebhookSuccess('ReplayWebhook', 'The webhook, as it is now.'),
  ['WebhookNotFound', 'WebhookNotActive', 'IdempotencyConflict'],
);

builder.mutationField('replayWebhook', (t) =>
  t.field({
    type: ReplayWebhookResult,
    description: 'Sends again: each event with the webhook-id that it had.',
    args: { input: t.arg({ type: ReplayWebhookInputRef, required: true }) },
    resolve: (_root, { input: { webhookId, after, idempotencyKey } }, { services, caller }) =>
      replayWebhook(services, caller, {
        ...checkIdempotencyKey(idempotencyKey),
        webhookId,
        after: after == null ? null : encodeCursor(after),
      }),
  }),
);
