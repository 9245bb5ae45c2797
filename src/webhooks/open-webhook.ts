import type { Webhook } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { fail, type Failure } from '../domain/failure.ts';
import { may } from '../domain/permission.ts';
import type { Change } from '../log/change.ts';
import { webhookTarget } from './stored-webhook.ts';

/** Locks a webhook for a caller who manages what it belongs to. For all others it does not exist. */
export async function lockWebhookForCaller(
  { tx }: Change,
  caller: Caller,
  id: string,
): Promise<Webhook | Failure<'WebhookNotFound'>> {
  await tx.$queryRaw`SELECT 1 FROM "Webhook" WHERE id = ${id} FOR NO KEY UPDATE`;
  const webhook = await tx.webhook.findUnique({ where: { id } });
  if (webhook === null || !may(caller, 'webhook.manage', webhookTarget(webhook))) {
    return fail('WebhookNotFound', 'There is no webhook with this id that you manage.', {
      path: ['input', 'webhookId'],
    });
  }
  return webhook;
}

/** Why a webhook cannot be changed; null: it can. Who repeats the request that ended it is not asked. */
export function refuseEnded({ state }: Pick<Webhook, 'state'>): Failure<'WebhookNotActive'> | null {
  return state === 'ENDED' ? fail('WebhookNotActive', 'The webhook has ended.') : null;
}
