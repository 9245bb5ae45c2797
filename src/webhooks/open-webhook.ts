import type { Webhook } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import type { Change } from '../log/change.ts';
import { webhookTarget } from './stored-webhook.ts';

/** Locks a webhook for a caller who manages its owner or realm. For every other caller the webhook does not exist. */
export async function lockWebhookForCaller(
  { tx }: Change,
  caller: Caller,
  id: string,
): Promise<Webhook | Failure<'WebhookNotFound'>> {
  await tx.$queryRaw`SELECT 1 FROM "Webhook" WHERE id = ${id} FOR NO KEY UPDATE`;
  const webhook = await tx.webhook.findUnique({ where: { id } });
  if (webhook === null || !may(caller, 'webhook.manage', webhookTarget(webhook))) {
    return fail('WebhookNotFound', 'No webhook has this id, or you do not manage it.', {
      path: ['input', 'webhookId'],
    });
  }
  return webhook;
}

/**
 * Returns the failure if a webhook has ended. Call it in `run`, not in `authorize`: a repeated deletion must succeed.
 */
export function refuseEnded({ state }: Pick<Webhook, 'state'>): Failure<'WebhookNotActive'> | null {
  return state === 'ENDED'
    ? fail('WebhookNotActive', 'The webhook has ended.', { remedy: 'Create a new webhook.' })
    : null;
}
