import { updateWebhook } from '../../webhooks/update.ts';
import { mutation } from '../mutation.ts';
import { webhookFields } from './webhook-success.ts';
import { WebhookFilterRef, toWebhookFilter } from './webhook.ts';

mutation('updateWebhook', {
  description: 'Changes a webhook’s URL, description or filter, from the next attempt on.',
  input: {
    description: 'The changes of a webhook. What is left out stays unchanged.',
    fields: (t) => ({
      webhookId: t.id({ required: true, description: 'The webhook to change.' }),
      url: t.string({
        description:
          'Where events are posted to: https, to a public address, unless the gateway’s settings allow others.',
      }),
      description: t.string({ description: 'A note for people: at most 200 characters. Empty: removes the note.' }),
      filter: t.field({
        type: WebhookFilterRef,
        description: 'Which events are sent. Replaces the whole filter; {} selects all events.',
      }),
    }),
  },
  useCase: updateWebhook,
  toInput: ({ webhookId, url, description, filter }) => ({
    webhookId,
    url: url ?? null,
    description: description ?? null,
    filter: filter == null ? null : toWebhookFilter(filter),
  }),
  failures: ['WebhookNotFound', 'WebhookNotActive', 'WebhookUrlNotAllowed'],
  success: { description: 'The webhook was updated.', fields: webhookFields },
});
