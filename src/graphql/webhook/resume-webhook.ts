import { resumeWebhook } from '../../webhooks/resume.ts';
import { mutation } from '../mutation.ts';
import { webhookFields } from './webhook-success.ts';

mutation('resumeWebhook', {
  description:
    'Resumes a paused webhook where it stopped. An active webhook that backs off after failures retries at once.',
  input: {
    description: 'Which webhook to resume.',
    fields: (t) => ({ webhookId: t.id({ required: true, description: 'The webhook to resume.' }) }),
  },
  useCase: resumeWebhook,
  toInput: (input) => input,
  failures: ['WebhookNotFound', 'WebhookNotActive'],
  success: { description: 'The webhook is active.', fields: webhookFields },
});
