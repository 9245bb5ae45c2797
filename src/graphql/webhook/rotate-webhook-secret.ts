import { rotateWebhookSecret } from '../../webhooks/rotate-secret.ts';
import { mutation } from '../mutation.ts';
import { webhookSecretFields } from './webhook-success.ts';

mutation('rotateWebhookSecret', {
  description:
    'Gives a webhook a new secret and a new Ed25519 key pair. During the grace period each request is signed with both the old and the new secret and key pair.',
  input: {
    description: 'Which webhook gets a new secret, and how long the old one signs too.',
    fields: (t) => ({
      webhookId: t.id({ required: true, description: 'The webhook that gets a new secret.' }),
      gracePeriod: t.field({
        type: 'Duration',
        description: 'How long requests are also signed with the old secret: at most P28D. Default: P1D.',
      }),
    }),
  },
  useCase: rotateWebhookSecret,
  toInput: ({ webhookId, gracePeriod }) => ({ webhookId, gracePeriodMs: gracePeriod ?? null }),
  failures: ['WebhookNotFound', 'WebhookNotActive', 'GracePeriodOutOfBounds'],
  success: {
    description: 'The webhook has a new secret. This result shows it, once.',
    fields: (t) => ({
      ...webhookSecretFields(t),
      previousRetiresAt: t.expose('previousRetiresAt', {
        type: 'DateTime',
        description: 'When the old secret stops signing requests.',
      }),
    }),
  },
});
