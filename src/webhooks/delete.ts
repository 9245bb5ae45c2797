import type { Webhook } from '../../prisma/generated/client/client.ts';
import { checkText, LONGEST_REASON } from '../domain/check-text.ts';
import { actorOf } from '../domain/event.ts';
import { useCase } from '../log/use-case.ts';
import { endWebhook } from './end-webhook.ts';
import { lockWebhookForCaller, refuseEnded } from './open-webhook.ts';
import type { WebhookChanged } from './update.ts';

export interface DeleteWebhookInput {
  readonly webhookId: string;
  readonly reason: string | null;
}

/** Ends a webhook: nothing more is sent. It can be read for 30 days. */
export const deleteWebhook = useCase<DeleteWebhookInput, Webhook, WebhookChanged>()({
  name: 'deleteWebhook',

  async authorize(change, caller, { webhookId, reason }) {
    if (reason !== null) checkText('reason', reason, LONGEST_REASON);
    return lockWebhookForCaller(change, caller, webhookId);
  },

  async run(change, caller, { reason }, webhook) {
    const refused = refuseEnded(webhook);
    if (refused !== null) return refused;
    await endWebhook(change, webhook, actorOf(caller), reason ?? 'It was deleted.');
    return { webhookId: webhook.id };
  },
});
