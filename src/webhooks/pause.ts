import type { Webhook } from '../../prisma/generated/client/client.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { actorOf } from '../domain/event.ts';
import { useCase } from '../log/use-case.ts';
import { lockWebhookForCaller, refuseEnded } from './open-webhook.ts';
import { idleColumns, webhookSubject } from './stored-webhook.ts';
import type { WebhookChanged } from './update.ts';

export interface PauseWebhookInput {
  readonly webhookId: string;
  readonly reason: string;
}

/**
 * Stops sending to a webhook until it is resumed. Events meanwhile wait in the log. A webhook that is already paused
 * does not change.
 */
export const pauseWebhook = useCase<PauseWebhookInput, Webhook, WebhookChanged>()({
  name: 'pauseWebhook',

  async authorize(change, caller, { webhookId, reason }) {
    checkText('reason', reason, LONGEST_REASON);
    return lockWebhookForCaller(change, caller, webhookId);
  },

  async run(change, caller, { reason }, webhook) {
    const refused = refuseEnded(webhook);
    if (refused !== null) return refused;
    const { id: webhookId } = webhook;
    if (webhook.state === 'PAUSED') return { webhookId };
    const at = change.now();
    await change.tx.webhook.update({
      where: { id: webhookId },
      data: { state: 'PAUSED', reason, changedAt: at, ...idleColumns },
    });
    const data = { webhookId };
    change.record({ type: 'WEBHOOK_PAUSED', at, ...webhookSubject(webhook), actor: actorOf(caller), reason, data });
    return { webhookId };
  },
});
