import type { Event, Prisma, Webhook } from '../../prisma/generated/client/client.ts';
import type { LabelInput } from '../keys/check-labels.ts';
import { eventScopeFilter, isInEventScope } from '../log/visible-events.ts';
import type { Core } from '../store/core.ts';
import { eventScopeOf } from './stored-webhook.ts';

/** What a webhook's choice is read from. */
export type FilteredWebhook = Pick<Webhook, 'id' | 'accountId' | 'organizationId' | 'realmId' | 'types' | 'keyIds'>;

/** Whether an event may be one for a webhook: only its key's labels, which are asked for when it is sent, are not known. */
export function mayMatch(webhook: FilteredWebhook, event: Event): boolean {
  const { id, types, keyIds } = webhook;
  if (!isInEventScope(eventScopeOf(webhook), event)) return false;
  if (event.type === 'WEBHOOK_TESTED') return (event.data as { webhookId?: unknown }).webhookId === id;
  if (types.length > 0 && !types.includes(event.type)) return false;
  return keyIds.length === 0 || (event.keyId !== null && keyIds.includes(event.keyId));
}

/** The next events after a position for a webhook, oldest first, at most so many, of those up to the log's head. */
export async function readMatchingEvents(
  { prisma }: { readonly prisma: Pick<Core['prisma'], 'event'> },
  webhook: Webhook,
  { after, head, most }: { readonly after: bigint; readonly head: bigint; readonly most: number },
): Promise<readonly Event[]> {
  const { id, types, keyIds } = webhook;
  const chosen: Prisma.EventWhereInput = {
    type: { not: 'WEBHOOK_TESTED', ...(types.length > 0 && { in: types }) },
    ...(keyIds.length > 0 && { keyId: { in: keyIds } }),
  };
  const test = { type: 'WEBHOOK_TESTED', data: { path: ['webhookId'], equals: id } };
  return prisma.event.findMany({
    where: {
      position: { gt: after, lte: head },
      AND: [eventScopeFilter(eventScopeOf(webhook)), { OR: [chosen, test] }],
    },
    orderBy: { position: 'asc' },
    take: most,
  });
}

/** Whether the key of an event has the labels that a webhook asks for, as it is now. A test is sent whatever is asked for. */
export async function hasRequiredLabels({ prisma }: Core, webhook: Webhook, { type, keyId }: Event): Promise<boolean> {
  const labels = webhook.labels as unknown as readonly LabelInput[];
  if (labels.length === 0 || type === 'WEBHOOK_TESTED') return true;
  if (keyId === null) return false;
  const AND = labels.map(({ name, value }) => ({ labels: { some: { name, value } } }));
  return (await prisma.key.count({ where: { id: keyId, AND } })) === 1;
}
