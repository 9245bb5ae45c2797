import type { Operation, Prisma } from '../../prisma/generated/client/client.ts';
import type { AccountCaller } from '../domain/caller.ts';
import { DAY_MS } from '../domain/duration.ts';
import { actorOf } from '../domain/event.ts';
import { newId } from '../domain/id.ts';
import { addMs } from '../domain/key.ts';
import { needsApproval } from '../domain/approval.ts';
import type { Change } from '../log/change.ts';
import type { ChangeKeysInput } from './change-request.ts';
import type { ChangeScope } from './change-scope.ts';
import { matchPinnedKeys } from './match-pinned-keys.ts';
import type { LockedPreview } from './preview-change.ts';
import { operationSubject, progressOf, type OperationCore } from './stored-operation.ts';

/** The confirmed change: its dry run, and the condition for the keys that it applies to now. */
type ConfirmedChange = ChangeKeysInput &
  ChangeScope & { readonly preview: LockedPreview; readonly where: Prisma.KeyWhereInput };

/**
 * Starts an operation on the keys of a dry run, or proposes it to a second person. As it starts, keys that no longer match
 * the filter are skipped; keys that match it only now are counted and left as they are.
 */
export async function startOperation(
  change: Change<OperationCore>,
  caller: AccountCaller,
  { preview, where, realmId, organizationId, kind, values, filter, reason }: ConfirmedChange,
): Promise<Operation> {
  const { tx, core } = change;
  const now = change.now();
  const { keyCount: total } = preview;
  // Operations that one account starts at once count each other.
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`operations of ${caller.id}`}, 0))::text`;
  const recent = await tx.operation.aggregate({
    where: { accountId: caller.id, startedAt: { gt: addMs(now, -DAY_MS) }, approvedAt: null },
    _sum: { total: true },
  });
  const isProposal = needsApproval(total, recent._sum.total ?? 0, core.approvalKeys);
  const pinned = await tx.operation.create({
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
      total,
    },
  });
  const { id } = pinned;
  await tx.changePreview.update({ where: { id: preview.id }, data: { usedAt: now }, select: { id: true } });
  await tx.$executeRaw`
    INSERT INTO "OperationKey" ("operationId", "keyId")
    SELECT ${id}, unnest("keyIds") FROM "ChangePreview" WHERE id = ${preview.id}`;
  const event = { at: now, ...operationSubject(pinned), actor: actorOf(caller), reason };
  if (isProposal) {
    change.record({ type: 'OPERATION_PROPOSED', ...event, data: { operationId: id, kind, total } });
    return pinned;
  }
  const data = await matchPinnedKeys(change, pinned, where);
  const started = await tx.operation.update({ where: { id }, data: { ...data } });
  change.record({ type: 'OPERATION_STARTED', ...event, data: progressOf(started) });
  return started;
}
