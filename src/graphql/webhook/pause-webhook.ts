import { pauseWebhook } from '../../webhooks/pause.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineWebhookSuccess } from './webhook-success.ts';

const PauseWebhookInputRef = builder.inputType('PauseWebhookInput', {
  description: 'Which webhook to pause, and why.',
  fields: (t) => ({
    webhookId: t.id({ required: true, description: 'The webhook to pause.' }),
    reason: t.string({ required: true }),
    idempotencyKey: t.string(),
  }),
});

const PauseWebhookResult = resultType('PauseWebhook', defineWebhookSuccess('PauseWebhook', 'The webhook is paused.'), [
  'WebhookNotFound',
  'WebhookNotActive',
  'IdempotencyConflict',
]);

builder.mutationField('pauseWebhook', (t) =>
  t.field({
    type: PauseWebhookResult,
    description:
      'Stops sending to a webhook until it is resumed. It then continues where it stopped and misses no event that the log still has.',
    args: { input: t.arg({ type: PauseWebhookInputRef, required: true }) },
    resolve: (_root, { input: { webhookId, reason, idempotencyKey } }, { services, caller }) =>
      pauseWebhook(services, caller, { ...checkIdempotencyKey(idempotencyKey), webhookId, reason }),
  }),
);
