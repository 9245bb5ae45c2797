import { testWebhook } from '../../webhooks/send-test.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineWebhookSuccess } from './webhook-success.ts';

const TestWebhookInputRef = builder.inputType('TestWebhookInput', {
  description: 'Which webhook to test.',
  fields: (t) => ({
    webhookId: t.id({ required: true, description: 'The webhook to test.' }),
    idempotencyKey: t.string(),
  }),
});

const TestWebhookResult = resultType(
  'TestWebhook',
  defineWebhookSuccess('TestWebhook', 'The test event was recorded and will be sent.'),
  ['WebhookNotFound', 'WebhookNotActive', 'IdempotencyConflict'],
);

builder.mutationField('testWebhook', (t) =>
  t.field({
    type: TestWebhookResult,
    description:
      'Records a test event that only this webhook gets, whatever its filter. Its delivery is listed in attempts. Fails for a paused webhook.',
    args: { input: t.arg({ type: TestWebhookInputRef, required: true }) },
    resolve: (_root, { input: { webhookId, idempotencyKey } }, { services, caller }) =>
      testWebhook(services, caller, { ...checkIdempotencyKey(idempotencyKey), webhookId }),
  }),
);
