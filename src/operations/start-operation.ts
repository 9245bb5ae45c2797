import type { ChangePreview, Operation, Prisma } from '../../prisma/generated/client/client.ts';
import type { AccountCaller } from '../domain/caller.ts';
import { DAY_MS } from '../domain/duration.ts';
import { actorOf } from '../domain/event.ts';
import { newId } from '../domain/id.ts';
import { addMs } from '../domain/key.ts';
import { needsApproval } from '../domain/approval.ts';
import type { Change } from '../log/change.ts';
import type { ChangeKeysInput } from './change-request.ts';
import { listKeyIds, type ChangeScope } from './change-scope.ts';
import { operationSubject, progressOf, type OperationCore } from './stored-operation.ts';

/** The confirmed change: its dry run, and the condition for the keys that it applies to now. */
type ConfirmedChange = ChangeKeysInput &
  ChangeScope & { readonly preview: ChangePreview; readonly where: Prisma.KeyWhereInput };

/**
 * Starts an operation on the keys of a dry run, or proposes it to a second person. Keys that no longer match the filter
 * are skipped; keys that match it only now are counted and left as they are.
 */
export async function startOperation(
  change: Change<OperationCore>,
  caller: AccountCaller,
  { preview, where, realmId, organizationId, kind, values, filter, reason }: ConfirmedChange,
): Promise<Operation> {
  const { tx, core } = change;
  const now = change.now();
  const { keyIds } = preview;
  const matched = new Set(await listKeyIds(change, where));
  const skipped = keyIds.filter((id) => !matched.has(id)).length;
  // Operations that one account starts at once count each other.
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`operations of ${caller.id}`}, 0))::text`;
  const recent = await tx.operation.aggregate({
    where: { accountId: caller.id, startedAt: { gt: addMs(now, -DAY_MS) }, approvedAt: null },
    _sum: { total: true },
  });
  const isProposal = needsApproval(keyIds.length, recent._sum.total ?? 0, core.approvalKeys);
  const operation = await tx.operation.create({
    data: {
      id: newId('operation', now, core.random),
      realmId,
      organizationId,
      kind,
      change: { ...values } as unknown as Prisma.InputJsonObject,
      filter: JSON.parse(JSON.stringify(filter)) as Prisma.InputJsonObject,
      state: isProposal ? 'AWAITING_APPROVAL' : 'RUNNING',
      reason,
      accountId: caller.id,
      accountName: caller.name,
      actingId: caller.id,
      startedAt: now,
      total: keyIds.length,
      skipped,
      newlyMatched: matched.size - (keyIds.length - skipped),
    },
  });
  await tx.changePreview.update({ where: { id: preview.id }, data: { usedAt: now }, select: { id: true } });
  await tx.$executeRaw`
    INSERT INTO "OperationKey" ("operationId", "keyId") SELECT ${operation.id}, unnest(${keyIds}::text[])`;
  await skipUnmatched(change, operation.id, [...matched]);
  const event = { at: now, ...operationSubject(operation), actor: actorOf(caller), reason };
  if (isProposal) {
    const data = { operationId: operation.id, kind, total: operation.total };
    change.record({ type: 'OPERATION_PROPOSED', ...event, data });
  } else change.record({ type: 'OPERATION_STARTED', ...event, data: progressOf(operation) });
  return operation;
}

/** Skips the keys of an operation that are not among the matched ones. Returns how many were skipped. */
export function skipUnmatched({ tx, now }: Change, operationId: string, matched: string[]): Promise<number> {
  return tx.$executeRaw`
    UPDATE "OperationKey" SET state = 'SKIPPED', code = 'NO_LONGER_MATCHES', "changedAt" = ${now()},
      message = 'The key no longer matched the filter when the operation started.'
    WHERE "operationId" = ${operationId} AND state = 'WAITING'
      AND NOT EXISTS (SELECT 1 FROM unnest(${matched}::text[]) AS m(id) WHERE m.id = "keyId")`;
}
