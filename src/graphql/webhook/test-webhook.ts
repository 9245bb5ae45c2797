import { testWebhook } from '../../webhooks/send-test.ts';
import { mutation } from '../mutation.ts';
import { webhookFields } from './webhook-success.ts';

mutation('testWebhook', {
  description:
    'Records a test event that only this webhook gets, whatever its filter. Its delivery is listed in attempts. Fails for a paused webhook.',
  input: {
    description: 'Which webhook to test.',
    fields: (t) => ({ webhookId: t.id({ required: true, description: 'The webhook to test.' }) }),
  },
  useCase: testWebhook,
  toInput: (input) => input,
  failures: ['WebhookNotFound', 'WebhookNotActive'],
  success: { description: 'The test event was recorded and will be sent.', fields: webhookFields },
});
