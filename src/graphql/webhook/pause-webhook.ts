import { pauseWebhook } from '../../webhooks/pause.ts';
import { mutation } from '../mutation.ts';
import { webhookFields } from './webhook-success.ts';

mutation('pauseWebhook', {
  description:
    'Stops sending to a webhook until it is resumed. A resumed webhook continues where it stopped and misses no event that the log still has.',
  input: {
    description: 'Which webhook to pause, and why.',
    fields: (t) => ({
      webhookId: t.id({ required: true, description: 'The webhook to pause.' }),
      reason: t.string({ required: true }),
    }),
  },
  useCase: pauseWebhook,
  toInput: (input) => input,
  failures: ['WebhookNotFound', 'WebhookNotActive'],
  success: { description: 'The webhook is paused.', fields: webhookFields },
});
