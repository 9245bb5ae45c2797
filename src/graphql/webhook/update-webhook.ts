import { updateWebhook } from '../../webhooks/update.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineWebhookSuccess } from './webhook-success.ts';
import { toWebhookFilter } from './webhook-filter.ts';
import { WebhookFilterRef } from './webhook.ts';

const UpdateWebhookInputRef = builder.inputType('UpdateWebhookInput', {
  description: 'The changes of a webhook. What is left out stays unchanged.',
  fields: (t) => ({
    webhookId: t.id({ required: true, description: 'The webhook to change.' }),
    url: t.string({
      description:
        'Where events are posted to: https, to a public address, unless the gateway’s settings allow others.',
    }),
    description: t.string({ description: 'A note for people: at most 200 characters. Empty: none.' }),
    filter: t.field({
      type: WebhookFilterRef,
      description: 'Which events are sent. Replaces the whole filter; {} selects all events.',
    }),
    idempotencyKey: t.string(),
  }),
});

const UpdateWebhookResult = resultType(
  'UpdateWebhook',
  defineWebhookSuccess('UpdateWebhook', 'The webhook was updated.'),
  ['WebhookNotFound', 'WebhookNotActive', 'WebhookUrlNotAllowed', 'IdempotencyConflict'],
);

builder.mutationField('updateWebhook', (t) =>
  t.field({
    type: UpdateWebhookResult,
    description: 'Changes a webhook’s URL, description or filter, from the next attempt on.',
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
