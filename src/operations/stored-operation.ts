import type { Operation, Prisma } from '../../prisma/generated/client/client.ts';
import type { Caller } from '../domain/caller.ts';
import { may, type Target } from '../domain/permission.ts';
import type { LabelInput } from '../keys/check-labels.ts';
import type { PolicyCore } from '../keys/apply-policies.ts';

/** What an operation can do to each of its keys. */
export const keyChangeKinds = ['HOLD', 'RESUME', 'REVOKE', 'RENEW', 'ASK_ROTATION', 'LABEL', 'TRANSFER'] as const;

export type KeyChangeKind = (typeof keyChangeKinds)[number];

/** The values of a change. A value that the kind does not use is null. */
export interface ChangeValues {
  /** LABEL: labels to add or change. */
  readonly labels: readonly LabelInput[] | null;
  /** LABEL: names of labels to remove. */
  readonly removeLabels: readonly string[] | null;
  /** TRANSFER: the new owner. */
  readonly owner: string | null;
  /** RENEW: the requested lifetime. */
  readonly lifetimeMs: number | null;
  /** ASK_ROTATION: the grace period of a rotation that names none. Operations of earlier releases lack it. */
  readonly gracePeriodMs?: number | null;
}

/** The filter of an operation, as it was sent. */
export interface StoredFilter {
  readonly [field: string]: unknown;
}

/** The core of changes of many keys. */
export type OperationCore = PolicyCore & {
  /** Returns the condition for the keys that match a filter at an instant. */
  readonly filterKeys: (filter: StoredFilter, now: Date) => Prisma.KeyWhereInput;
  /** A person who changes more keys than this in a day needs the approval of a second person. Null: never. */
  readonly approvalKeys: number | null;
};

/** Returns the target on which a caller needs the permissions `operation.*`. */
export function operationTarget({ realmId, organizationId }: Pick<Operation, 'realmId' | 'organizationId'>): Target {
  return { realmId, ownerId: organizationId };
}

/**
 * Returns the subject fields of an event about an operation. An operation of administrators has the realm's id as its
 * owner, so that only administrators see its events.
 */
export function operationSubject({ realmId, organizationId }: Pick<Operation, 'realmId' | 'organizationId'>) {
  return { realmId, ownerId: organizationId ?? realmId };
}

/** Returns a filter for the operations that a caller may see: those that it manages. */
export function visibleOperations(caller: Caller): Prisma.OperationWhereInput {
  if (caller.kind !== 'ACCOUNT') return { id: { in: [] } };
  if (caller.isAdministrator) return {};
  const managed = [...caller.roles.keys()].filter((ownerId) => may(caller, 'operation.read', { ownerId }));
  return { organizationId: { in: managed } };
}

/** Returns the data of an event about the progress of an operation. */
export function progressOf(operation: Operation) {
  const { id: operationId, kind, total, isUndoing: isUndo, done, failed, skipped, undone } = operation;
  return { operationId, kind, total, isUndo, done, failed, skipped, undone };
}
