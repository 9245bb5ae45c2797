import type { Webhook } from '../../prisma/generated/client/client.ts';
import { actorOf } from '../domain/event.ts';
import { useCase } from '../log/use-case.ts';
import { lockWebhookForCaller, refuseEnded } from './open-webhook.ts';
import { webhookSubject, revokeLease } from './stored-webhook.ts';
import type { WebhookChanged } from './update.ts';

export interface ResumeWebhookInput {
  readonly webhookId: string;
}

/**
 * Resumes a paused webhook from its cursor. For an active webhook, ends the back-off and makes waiting deliveries due
 * now; if there is neither, nothing changes.
 */
export const resumeWebhook = useCase<ResumeWebhookInput, Webhook, WebhookChanged>()({
  name: 'resumeWebhook',

  authorize: (change, caller, { webhookId }) => lockWebhookForCaller(change, caller, webhookId),

  async run(change, caller, _input, webhook) {
    const refused = refuseEnded(webhook);
    if (refused !== null) return refused;
    const { tx } = change;
    const { id: webhookId } = webhook;
    const now = change.now();
    const retryNow = { attemptCount: 0, nextAttemptAt: null };
    const where = { webhookId, state: 'WAITING' as const };
    const { count } = await tx.webhookDelivery.updateMany({ where, data: retryNow });
    if (webhook.state === 'ACTIVE' && webhook.nextAttemptAt === null && count === 0) return { webhookId };
    const noFailures = { failuresInRow: 0, nextAttemptAt: null };
    await tx.webhook.update({
      where: { id: webhookId },
      data: { state: 'ACTIVE', reason: null, changedAt: now, ...noFailures, ...revokeLease(now) },
    });
    const data = { webhookId, waitingCount: count };
    change.record({ type: 'WEBHOOK_RESUMED', at: now, ...webhookSubject(webhook), actor: actorOf(caller), data });
    return { webhookId };
  },
});
