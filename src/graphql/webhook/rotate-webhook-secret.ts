import { rotateWebhookSecret, type WebhookSecretRotated } from '../../webhooks/rotate-secret.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineWebhookSecretSuccess } from './webhook-success.ts';

const RotateWebhookSecretInputRef = builder.inputType('RotateWebhookSecretInput', {
  fields: (t) => ({
    webhookId: t.id({ required: true }),
    gracePeriod: t.field({
      type: 'Duration',
      description: 'How long requests are signed with the old secret too; left out: a day.',
    }),
    idempotencyKey: t.string(),
  }),
});

const RotateWebhookSecretSuccessRef = defineWebhookSecretSuccess<WebhookSecretRotated>(
  'RotateWebhookSecret',
  'The webhook and its new secret.',
);

builder.objectField(RotateWebhookSecretSuccessRef, 'previousRetiresAt', (t) =>
  t.field({ type: 'DateTime', resolve: ({ previousRetiresAt }) => previousRetiresAt }),
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
    description: 'Gives a webhook a new secret and a new key pair. Through the grace period both sign each request.',
    args: { input: t.arg({ type: RotateWebhookSecretInputRef, required: true }) },
    resolve: (_root, { input: { webhookId, gracePeriod, idempotencyKey } }, { services, caller }) =>
      rotateWebhookSecret(services, caller, {
        ...checkIdempotencyKey(idempotencyKey),
        webhookId,
        gracePeriodMs: gracePeriod ?? null,
      }),
  }),
);
