import type { Webhook } from '../../prisma/generated/client/client.ts';
import { actorOf } from '../domain/event.ts';
import { badUserInput } from '../domain/request-error.ts';
import { decodeCursor } from '../log/cursor.ts';
import { useCase } from '../log/use-case.ts';
import { lockWebhookForCaller, refuseEnded } from './open-webhook.ts';
import { webhookSubject, revokeLease } from './stored-webhook.ts';
import type { WebhookChanged } from './update.ts';

export interface ReplayWebhookInput {
  readonly webhookId: string;
  /** The cursor after which everything is sent again; null: only parked events are. */
  readonly after: string | null;
}

/** Sends events again: all after a cursor, or those that are parked. A repeated event keeps its `webhook-id`. */
export const replayWebhook = useCase<ReplayWebhookInput, Webhook, WebhookChanged>()({
  name: 'replayWebhook',

  authorize: (change, caller, { webhookId }) => lockWebhookForCaller(change, caller, webhookId),

  async run(change, caller, { after }, webhook) {
    const refused = refuseEnded(webhook);
    if (refused !== null) return refused;
    const { tx } = change;
    const { id: webhookId } = webhook;
    const now = change.now();
    const position = after === null ? webhook.position : decodeCursor(after);
    if (position > webhook.position) {
      const message =
        'after: found a cursor ahead of the webhook’s own; expected an earlier one, as no event may be skipped.';
      throw badUserInput(message, ['input', 'after']);
    }
    // Events that the cursor reaches again must not have a delivery row as well.
    if (after !== null) await tx.webhookDelivery.deleteMany({ where: { webhookId, position: { gt: position } } });
    else {
      const data = { state: 'WAITING' as const, attemptCount: 0, nextAttemptAt: null };
      await tx.webhookDelivery.updateMany({ where: { webhookId, state: 'PARKED' }, data });
    }
    await tx.webhook.update({ where: { id: webhookId }, data: { position, changedAt: now, ...revokeLease(now) } });
    const data = { webhookId, after, isOfParked: after === null };
    change.record({ type: 'WEBHOOK_REPLAYED', at: now, ...webhookSubject(webhook), actor: actorOf(caller), data });
    return { webhookId };
  },
});
