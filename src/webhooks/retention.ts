import { RESULT_RETENTION_MS } from '../log/idempotency.ts';
import type { RetentionByTable, RetentionRule } from '../store/retention-rule.ts';

export const attemptRule: RetentionRule = {
  rows: 'all',
  retentionMs: RESULT_RETENTION_MS,
  from: 'the attempt, or the end of its webhook',
  why: 'People look for the cause of failed deliveries. No delivery is derived from attempts.',
  remove: async (tx, before, limit) => {
    const where = { OR: [{ at: { lte: before } }, { webhook: { endedAt: { lte: before } } }] };
    return (await tx.webhookAttempt.deleteMany({ where, limit })).count;
  },
};

export const endedWebhookRule: RetentionRule = {
  rows: 'ended webhooks',
  retentionMs: RESULT_RETENTION_MS,
  from: 'the end of the webhook',
  why: 'A repeated request may return a result that names the webhook.',
  remove: async (tx, before, limit) =>
    (await tx.webhook.deleteMany({ where: { endedAt: { lte: before }, attempts: { none: {} } }, limit })).count,
};

export const retiredSecretRule: RetentionRule = {
  rows: 'secrets that were rotated',
  retentionMs: 0,
  from: 'the end of the grace period',
  why: 'The secret signs no request any more.',
  remove: async (tx, before, limit) =>
    (await tx.webhookSecret.deleteMany({ where: { retiresAt: { lte: before } }, limit })).count,
};

/** The rule of attempts comes before the rule of webhooks: a webhook is deleted once it has no attempts left. */
export const webhookRetention = {
  WebhookAttempt: [attemptRule],
  WebhookSecret: [
    retiredSecretRule,
    { rows: 'the current secret', until: 'until the webhook ends', why: 'It signs the requests.' },
  ],
  WebhookDelivery: [
    {
      rows: 'all',
      until: 'until the event is delivered or replayed, or the webhook ends',
      why: 'The event is still undelivered. A parked delivery waits for a person.',
    },
  ],
  Webhook: [
    endedWebhookRule,
    { rows: 'active and paused webhooks', until: 'until the webhook ends', why: 'The row has the webhook’s cursor.' },
  ],
} satisfies RetentionByTable;
