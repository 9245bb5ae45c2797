import { updateWebhook } from '../../webhooks/update.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineWebhookSuccess } from './webhook-success.ts';
import { toWebhookFilter } from './webhook-filter.ts';
import { WebhookFilterRef } from './webhook.ts';

const UpdateWebhookInputRef = builder.inputType('UpdateWebhookInput', {
  description: 'What is left out stays as it is.',
  fields: (t) => ({
    webhookId: t.id({ required: true }),
    url: t.string(),
    description: t.string(),
    filter: t.field({ type: WebhookFilterRef, description: 'The whole of it.' }),
    idempotencyKey: t.string(),
  }),
});

const UpdateWebhookResult = resultType(
  'UpdateWebhook',
  defineWebhookSuccess('UpdateWebhook', 'The webhook, as it is now.'),
  ['WebhookNotFound', 'WebhookNotActive', 'WebhookUrlNotAllowed', 'IdempotencyConflict'],
);

builder.mutationField('updateWebhook', (t) =>
  t.field({
    type: UpdateWebhookResult,
    description: 'Changes where a webhook sends to, or what, from the next attempt on.',
    args: { input: t.arg({ type: UpdateWebhookInputRef, required: true }) },
    resolve: (_root, { input: { webhookId, url, description, filter, idempotencyKey } }, { services, caller }) =>
      updateWebhook(services, caller, {
        ...checkIdempotencyKey(idempotencyKey),
        webhookId,
        url: url ?? null,
        description: description ?? null,
        filter: filter == null ? null : toWebhookFilter(filter),
      }),
  }),
);
