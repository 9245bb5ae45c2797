import type { WebhookFilter } from '../../webhooks/check-webhook.ts';
import type { WebhookFilterRef } from './webhook.ts';

/** Returns the filter of an input. A member that is left out becomes an empty list, which selects all events. */
export function toWebhookFilter({ types, keyIds, labels }: typeof WebhookFilterRef.$inferInput): WebhookFilter {
  return { types: types ?? [], keyIds: keyIds ?? [], labels: labels ?? [] };
}
