import type { Prisma, Webhook } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { may, type Target } from '../domain/permission.ts';
import type { EventScope } from '../log/visible-events.ts';

type OwnerColumns = Pick<Webhook, 'accountId' | 'organizationId' | 'realmId'>;

/** Returns the owner or realm whose events a webhook gets: the one it belongs to, not the account that created it. */
export function eventScopeOf({ accountId, organizationId, realmId }: OwnerColumns): EventScope {
  if (realmId !== null) return { realmId };
  const ownerId = accountId ?? organizationId;
  if (ownerId === null) throw new Error('webhook without owner or realm');
  return { ownerId };
}

/** Returns the target on which a caller needs `webhook.manage` to manage a webhook. */
export function webhookTarget(webhook: OwnerColumns): Target {
  return eventScopeOf(webhook);
}

/**
 * Returns the subject fields of an event about a webhook. A realm's webhook has the realm's id as its owner, so that
 * only administrators see its events.
 */
export function webhookSubject(webhook: OwnerColumns): { readonly realmId: string | null; readonly ownerId: string } {
  const scope = eventScopeOf(webhook);
  if ('realmId' in scope) return { realmId: scope.realmId, ownerId: scope.realmId };
  return { realmId: null, ownerId: scope.ownerId };
}

/** Returns a filter for the webhooks that a caller may see: those that it manages. */
export function visibleWebhooks(caller: Caller): Prisma.WebhookWhereInput {
  if (caller.kind !== 'ACCOUNT') return { id: { in: [] } };
  if (caller.isAdministrator) return {};
  const managed = [...caller.roles.keys()].filter((ownerId) => may(caller, 'webhook.manage', { ownerId }));
  return { OR: [{ accountId: caller.id }, { organizationId: { in: managed } }] };
}

/**
 * Returns the columns that make a webhook due now and revoke its lease: the node that has it can store nothing more.
 */
export function revokeLease(now: Date) {
  return { leasedUntil: null, leaseToken: null, dueAt: now };
}

/** The columns that make a webhook never due and revoke its lease, until a person resumes it. */
export const idleColumns = { leasedUntil: null, leaseToken: null, dueAt: null, nextAttemptAt: null } as const;
