import type { WebhookFilter } from '../../webhooks/check-webhook.ts';
import type { WebhookFilterRef } from './webhook.ts';

/** A filter as a caller gives it: what is left out chooses all. */
export function toWebhookFilter({ types, keyIds, labels }: typeof WebhookFilterRef.$inferInput): WebhookFilter {
  return { types: types ?? [], keyIds: keyIds ?? [], labels: labels ?? [] };
}
