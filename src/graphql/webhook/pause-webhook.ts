import { pauseWebhook } from '../../webhooks/pause.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineWebhookSuccess } from './webhook-success.ts';

const PauseWebhookInputRef = builder.inputType('PauseWebhookInput', {
  fields: (t) => ({
    webhookId: t.id({ required: true }),
    reason: t.string({ required: true }),
    idempotencyKey: t.string(),
  }),
});

const PauseWebhookResult = resultType(
  'PauseWebhook',
  defineWebhookSuccess('PauseWebhook', 'The webhook, as it is now.'),
  ['WebhookNotFound', 'WebhookNotActive', 'IdempotencyConflict'],
);

builder.mutationField('pauseWebhook', (t) =>
  t.field({
    type: PauseWebhookResult,
    description:
      'Sends nothing to a webhook until it is resumed; it goes on from there then, and misses nothing that the log keeps.',
    args: { input: t.arg({ type: PauseWebhookInputRef, required: true }) },
    resolve: (_root, { input: { webhookId, reason, idempotencyKey } }, { services, caller }) =>
      pauseWebhook(services, caller, { ...checkIdempotencyKey(idempotencyKey), webhookId, reason }),
  }),
);
