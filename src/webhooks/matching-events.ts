import type { Event, Prisma, Webhook } from '../../prisma/generated/client/client.ts';
import type { LabelInput } from '../keys/check-labels.ts';
import { eventScopeFilter, isInEventScope } from '../log/visible-events.ts';
import type { Core } from '../store/core.ts';
import { eventScopeOf } from './stored-webhook.ts';

/** The columns of a webhook that decide which events it gets, except for the labels. */
export type FilteredWebhook = Pick<Webhook, 'id' | 'accountId' | 'organizationId' | 'realmId' | 'types' | 'keyIds'>;

/**
 * Returns whether an event may match a webhook. The labels of the event's key are not checked here, but when the event
 * is sent.
 */
export function mayMatch(webhook: FilteredWebhook, event: Event): boolean {
  const { id, types, keyIds } = webhook;
  if (!isInEventScope(eventScopeOf(webhook), event)) return false;
  if (event.type === 'WEBHOOK_TESTED') return (event.data as { webhookId?: unknown }).webhookId === id;
  if (types.length > 0 && !types.includes(event.type)) return false;
  return keyIds.length === 0 || (event.keyId !== null && keyIds.includes(event.keyId));
}

/**
 * Returns the events after a position that may match a webhook, oldest first, at most `limit`, up to the position
 * `head`.
 */
export async function readMatchingEvents(
  { prisma }: { readonly prisma: Pick<Core['prisma'], 'event'> },
  webhook: Webhook,
  { after, head, limit }: { readonly after: bigint; readonly head: bigint; readonly limit: number },
): Promise<readonly Event[]> {
  const { id, types, keyIds } = webhook;
  const selected: Prisma.EventWhereInput = {
    type: { not: 'WEBHOOK_TESTED', ...(types.length > 0 && { in: types }) },
    ...(keyIds.length > 0 && { keyId: { in: keyIds } }),
  };
  const test = { type: 'WEBHOOK_TESTED', data: { path: ['webhookId'], equals: id } };
  return prisma.event.findMany({
    where: {
      position: { gt: after, lte: head },
      AND: [eventScopeFilter(eventScopeOf(webhook)), { OR: [selected, test] }],
    },
    orderBy: { position: 'asc' },
    take: limit,
  });
}

/** Returns whether the key of an event has the labels of a webhook's filter now. A test event always passes. */
export async function hasRequiredLabels({ prisma }: Core, webhook: Webhook, { type, keyId }: Event): Promise<boolean> {
  const labels = webhook.labels as unknown as readonly LabelInput[];
  if (labels.length === 0 || type === 'WEBHOOK_TESTED') return true;
  if (keyId === null) return false;
  const AND = labels.map(({ name, value }) => ({ labels: { some: { name, value } } }));
  return (await prisma.key.count({ where: { id: keyId, AND } })) === 1;
}
