import { deleteWebhook } from '../../webhooks/delete.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineWebhookSuccess } from './webhook-success.ts';

const DeleteWebhookInputRef = builder.inputType('DeleteWebhookInput', {
  description: 'Which webhook to end.',
  fields: (t) => ({
    webhookId: t.id({ required: true, description: 'The webhook to delete.' }),
    reason: t.string(),
    idempotencyKey: t.string(),
  }),
});

const DeleteWebhookResult = resultType(
  'DeleteWebhook',
  defineWebhookSuccess('DeleteWebhook', 'The webhook has ended.'),
  ['WebhookNotFound', 'WebhookNotActive', 'IdempotencyConflict'],
);

builder.mutationField('deleteWebhook', (t) =>
  t.field({
    type: DeleteWebhookResult,
    description:
      'Ends a webhook for good and deletes its secrets and undelivered events. It can be read for 30 more days.',
    args: { input: t.arg({ type: DeleteWebhookInputRef, required: true }) },
    resolve: (_root, { input: { webhookId, reason, idempotencyKey } }, { services, caller }) =>
      deleteWebhook(services, caller, { ...checkIdempotencyKey(idempotencyKey), webhookId, reason: reason ?? null }),
  }),
);
