import type { Webhook } from '../../prisma/generated/client/client.ts';
import { actorOf } from '../domain/event.ts';
import { useCase } from '../log/use-case.ts';
import { lockWebhookForCaller, refuseEnded } from './open-webhook.ts';
import { webhookSubject, revokeLease } from './stored-webhook.ts';
import type { WebhookChanged } from './update.ts';

export interface ResumeWebhookInput {
  readonly webhookId: string;
}

/** Takes a webhook up again from where it stopped; of one that waits after failures, now. Any other stays as it is. */
export const resumeWebhook = useCase<ResumeWebhookInput, Webhook, WebhookChanged>({
  name: 'resumeWebhook',

  authorize: (change, caller, { webhookId }) => lockWebhookForCaller(change, caller, webhookId),

  async run(change, caller, _input, webhook) {
    const refused = refuseEnded(webhook);
    if (refused !== null) return refused;
    const { tx } = change;
    const { id: webhookId } = webhook;
    const now = change.now();
    const anew = { attemptCount: 0, nextAttemptAt: null };
    const where = { webhookId, state: 'WAITING' as const };
    const { count } = await tx.webhookDelivery.updateMany({ where, data: anew });
    if (webhook.state === 'ACTIVE' && webhook.nextAttemptAt === null && count === 0) return { webhookId };
    const unfailed = { failuresInRow: 0, nextAttemptAt: null };
    await tx.webhook.update({
      where: { id: webhookId },
      data: { state: 'ACTIVE', reason: null, changedAt: now, ...unfailed, ...revokeLease(now) },
    });
    const data = { webhookId, waitingCount: count };
    change.record({ type: 'WEBHOOK_RESUMED', at: now, ...webhookSubject(webhook), actor: actorOf(caller), data });
    return { webhookId };
  },
});
