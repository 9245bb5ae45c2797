import { rotateWebhookSecret, type WebhookSecretRotated } from '../../webhooks/rotate-secret.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineWebhookSecretSuccess } from './webhook-success.ts';

const RotateWebhookSecretInputRef = builder.inputType('RotateWebhookSecretInput', {
  description: 'Which webhook gets a new secret, and how long the old one signs too.',
  fields: (t) => ({
    webhookId: t.id({ required: true, description: 'The webhook that gets a new secret.' }),
    gracePeriod: t.field({
      type: 'Duration',
      description: 'How long requests are also signed with the old secret: at most P28D. Default: P1D.',
    }),
    idempotencyKey: t.string(),
  }),
});

const RotateWebhookSecretSuccessRef = defineWebhookSecretSuccess<WebhookSecretRotated>(
  'RotateWebhookSecret',
  'The webhook has a new secret. This result shows it, once.',
);

builder.objectField(RotateWebhookSecretSuccessRef, 'previousRetiresAt', (t) =>
  t.field({
    type: 'DateTime',
    description: 'When the old secret stops signing requests.',
    resolve: ({ previousRetiresAt }) => previousRetiresAt,
  }),
);

const RotateWebhookSecretResult = resultType('RotateWebhookSecret', RotateWebhookSecretSuccessRef, [
  'WebhookNotFound',
  'WebhookNotActive',
  'GracePeriodOutOfBounds',
  'IdempotencyConflict',
]);

builder.mutationField('rotateWebhookSecret', (t) =>
  t.field({
    type: RotateWebhookSecretResult,
    description:
      'Gives a webhook a new secret and a new Ed25519 key pair. Through the grace period the old and the new ones sign each request.',
    args: { input: t.arg({ type: RotateWebhookSecretInputRef, required: true }) },
    resolve: (_root, { input: { webhookId, gracePeriod, idempotencyKey } }, { services, caller }) =>
      rotateWebhookSecret(services, caller, {
        ...checkIdempotencyKey(idempotencyKey),
        webhookId,
        gracePeriodMs: gracePeriod ?? null,
      }),
  }),
);
