import { deleteWebhook } from '../../webhooks/delete.ts';
import { mutation } from '../mutation.ts';
import { webhookFields } from './webhook-success.ts';

mutation('deleteWebhook', {
  description:
    'Ends a webhook for good and deletes its secrets and undelivered events. It can be read for 30 more days.',
  input: {
    description: 'Which webhook to end.',
    fields: (t) => ({
      webhookId: t.id({ required: true, description: 'The webhook to delete.' }),
      reason: t.string(),
    }),
  },
  useCase: deleteWebhook,
  toInput: ({ webhookId, reason }) => ({ webhookId, reason: reason ?? null }),
  failures: ['WebhookNotFound', 'WebhookNotActive'],
  success: { description: 'The webhook has ended.', fields: webhookFields },
});
