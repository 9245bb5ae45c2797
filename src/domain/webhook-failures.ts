import type { FailureRow } from './failure-row.ts';

/** Failures of changes of webhooks. */
export const webhookFailures = {
  WebhookNotFound: {
    code: 'WEBHOOK_NOT_FOUND',
    retry: 'NEVER',
    remedy: 'Check the id, and that you manage the owner of the webhook.',
  },
  WebhookNotActive: {
    code: 'WEBHOOK_NOT_ACTIVE',
    retry: 'NEVER',
    remedy: 'If it is paused, resume it. If it has ended, create a new webhook.',
  },
  WebhookUrlNotAllowed: {
    code: 'WEBHOOK_URL_NOT_ALLOWED',
    retry: 'NEVER',
    remedy: 'Give an https URL on the public internet, or ask the operator of the gateway to allow its host.',
  },
  TooManyWebhooks: {
    code: 'TOO_MANY_WEBHOOKS',
    retry: 'NEVER',
    remedy: 'Delete a webhook that is no longer needed.',
  },
} as const satisfies Record<string, FailureRow>;
