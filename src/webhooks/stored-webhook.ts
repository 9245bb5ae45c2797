import type { Prisma, Webhook } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { may, type Target } from '../domain/permission.ts';
import type { EventScope } from '../log/visible-events.ts';

type OwnerColumns = Pick<Webhook, 'accountId' | 'organizationId' | 'realmId'>;

/** Whose events a webhook gets: it belongs to an owner or a realm, whoever made it. */
export function eventScopeOf({ accountId, organizationId, realmId }: OwnerColumns): EventScope {
  if (realmId !== null) return { realmId };
  const ownerId = accountId ?? organizationId;
  if (ownerId === null) throw new Error('a webhook of nobody');
  return { ownerId };
}

/** What a caller has to reach to manage a webhook. */
export function webhookTarget(webhook: OwnerColumns): Target {
  return eventScopeOf(webhook);
}

/** What an event of a webhook is about. A realm's is its own owner: administrators alone see that. */
export function webhookSubject(webhook: OwnerColumns): { readonly realmId: string | null; readonly ownerId: string } {
  const concerned = eventScopeOf(webhook);
  if ('realmId' in concerned) return { realmId: concerned.realmId, ownerId: concerned.realmId };
  return { realmId: null, ownerId: concerned.ownerId };
}

/** The webhooks that a caller may see, as a filter: those that it manages. */
export function visibleWebhooks(caller: Caller): Prisma.WebhookWhereInput {
  if (caller.kind !== 'ACCOUNT') return { id: { in: [] } };
  if (caller.isAdministrator) return {};
  const managed = [...caller.roles.keys()].filter((ownerId) => may(caller, 'webhook.manage', { ownerId }));
  return { OR: [{ accountId: caller.id }, { organizationId: { in: managed } }] };
}

/** What makes a node look at a webhook anew: whoever has it at present may change nothing of it any more. */
export function revokeLease(now: Date) {
  return { leasedUntil: null, leaseToken: null, dueAt: now };
}

/** What makes nodes leave a webhook alone until somebody takes it up again: whoever has it at present too. */
export const idleColumns = { leasedUntil: null, leaseToken: null, dueAt: null, nextAttemptAt: null } as const;
