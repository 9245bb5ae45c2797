import type { Webhook } from '../../prisma/generated/client/client.ts';
import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { useCase } from '../log/use-case.ts';
import { lockWebhookForCaller, refuseEnded } from './open-webhook.ts';
import { webhookSubject } from './stored-webhook.ts';
import type { WebhookChanged } from './update.ts';

export interface TestWebhookInput {
  readonly webhookId: string;
}

/** Records a test event. Only this webhook gets it, whatever its filter matches. */
export const testWebhook = useCase<TestWebhookInput, Webhook, WebhookChanged>()({
  name: 'testWebhook',

  authorize: (change, caller, { webhookId }) => lockWebhookForCaller(change, caller, webhookId),

  async run(change, caller, { webhookId }, webhook) {
    const refused = refuseEnded(webhook);
    if (refused !== null) return refused;
    if (webhook.state === 'PAUSED')
      return fail('WebhookNotActive', 'The webhook is paused.', { remedy: 'Resume it first.' });
    const event = { at: change.now(), ...webhookSubject(webhook), actor: actorOf(caller), data: { webhookId } };
    change.record({ type: 'WEBHOOK_TESTED', ...event });
    return { webhookId };
  },
});
