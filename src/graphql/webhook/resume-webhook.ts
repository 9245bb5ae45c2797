import { resumeWebhook } from '../../webhooks/resume.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineWebhookSuccess } from './webhook-success.ts';

const ResumeWebhookInputRef = builder.inputType('ResumeWebhookInput', {
  fields: (t) => ({ webhookId: t.id({ required: true }), idempotencyKey: t.string() }),
});

const ResumeWebhookResult = resultType(
  'ResumeWebhook',
  defineWebhookSuccess('ResumeWebhook', 'The webhook, as it is now.'),
  ['WebhookNotFound', 'WebhookNotActive', 'IdempotencyConflict'],
);

builder.mutationField('resumeWebhook', (t) =>
  t.field({
    type: ResumeWebhookResult,
    description: 'Takes up a paused webhook from where it stopped; one that waits after failures tries now.',
    args: { input: t.arg({ type: ResumeWebhookInputRef, required: true }) },
    resolve: (_root, { input: { webhookId, idempotencyKey } }, { services, caller }) =>
      resumeWebhook(services, caller, { ...checkIdempotencyKey(idempotencyKey), webhookId }),
  }),
);
