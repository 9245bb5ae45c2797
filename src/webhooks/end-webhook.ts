import type { Webhook } from '../../prisma/generated/client/client.ts';
import type { Actor } from '../domain/event.ts';
import type { Change } from '../log/change.ts';
import { idleColumns, webhookSubject } from './stored-webhook.ts';

/**
 * Ends a webhook for good. Its secrets and outstanding deliveries are deleted at once; its row and attempts stay
 * readable.
 */
export async function endWebhook(change: Change, webhook: Webhook, actor: Actor, reason: string): Promise<void> {
  const { tx } = change;
  const { id } = webhook;
  const now = change.now();
  await tx.webhook.update({
    where: { id },
    data: { state: 'ENDED', reason, endedAt: now, changedAt: now, ...idleColumns },
  });
  await tx.webhookSecret.deleteMany({ where: { webhookId: id } });
  await tx.webhookDelivery.deleteMany({ where: { webhookId: id } });
  change.record({ type: 'WEBHOOK_ENDED', at: now, ...webhookSubject(webhook), actor, reason, data: { webhookId: id } });
}
