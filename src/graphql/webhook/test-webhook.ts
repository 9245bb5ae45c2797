import { testWebhook } from '../../webhooks/send-test.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineWebhookSuccess } from './webhook-success.ts';

const TestWebhookInputRef = builder.inputType('TestWebhookInput', {
  fields: (t) => ({ webhookId: t.id({ required: true }), idempotencyKey: t.string() }),
});

const TestWebhookResult = resultType('TestWebhook', defineWebhookSuccess('TestWebhook', 'The webhook, as it is now.'), [
  'WebhookNotFound',
  'WebhookNotActive',
  'IdempotencyConflict',
]);

builder.mutationField('testWebhook', (t) =>
  t.field({
    type: TestWebhookResult,
    description: 'Sends a test event, whatever the filter chooses. What came of it is among the attempts.',
    args: { input: t.arg({ type: TestWebhookInputRef, required: true }) },
    resolve: (_root, { input: { webhookId, idempotencyKey } }, { services, caller }) =>
      testWebhook(services, caller, { ...checkIdempotencyKey(idempotencyKey), webhookId }),
  }),
);
