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
  /** A cursor, to send again all that comes after; null: what is parked. */
  readonly after: string | null;
}

/** Sends again what a webhook has had, from a cursor on, or what was parked. A repeated event has the id that it had. */
export const replayWebhook = useCase<ReplayWebhookInput, Webhook, WebhookChanged>({
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
      const found = 'after: the cursor lies ahead of what this webhook has come to: nothing is left out.';
      throw badUserInput(found, ['input', 'after']);
    }
    // What the cursor comes to again has no row of its own.
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
