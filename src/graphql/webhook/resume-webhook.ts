import { resumeWebhook } from '../../webhooks/resume.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { checkIdempotencyKey } from '../common-inputs.ts';
import { defineWebhookSuccess } from './webhook-success.ts';

const ResumeWebhookInputRef = builder.inputType('ResumeWebhookInput', {
  description: 'Which webhook to resume.',
  fields: (t) => ({
    webhookId: t.id({ required: true, description: 'The webhook to resume.' }),
    idempotencyKey: t.string(),
  }),
});

const ResumeWebhookResult = resultType(
  'ResumeWebhook',
  defineWebhookSuccess('ResumeWebhook', 'The webhook is active.'),
  ['WebhookNotFound', 'WebhookNotActive', 'IdempotencyConflict'],
);

builder.mutationField('resumeWebhook', (t) =>
  t.field({
    type: ResumeWebhookResult,
    description:
      'Resumes a paused webhook where it stopped. An active webhook that backs off after failures retries now.',
    args: { input: t.arg({ type: ResumeWebhookInputRef, required: true }) },
    resolve: (_root, { input: { webhookId, idempotencyKey } }, { services, caller }) =>
      resumeWebhook(services, caller, { ...checkIdempotencyKey(idempotencyKey), webhookId }),
  }),
);
