import type { OperationKeyState } from '../../prisma/generated/client/client.ts';
import type { Change } from '../log/change.ts';
import type { KeyBefore } from './key-changes.ts';

/** What became of one key in a batch. */
export interface KeyResult {
  readonly keyId: string;
  readonly state: OperationKeyState;
  readonly code: string | null;
  readonly message: string | null;
  readonly before: KeyBefore | null;
  /** Who owned the key. Null: it was not changed. */
  readonly ownerId: string | null;
}

/**
 * Stores what became of the keys of a batch, and the counts of the operation, which this change has locked. A key that
 * another node has changed since it was taken keeps that result.
 */
export async function writeResults(change: Change, id: string, results: readonly KeyResult[]): Promise<void> {
  const { tx } = change;
  const now = change.now();
  const written = await tx.$queryRaw<{ readonly state: OperationKeyState }[]>`
    UPDATE "OperationKey" o SET state = r.state::"OperationKeyState", code = r.code, message = r.message,
      before = coalesce(r.before, o.before), "ownerId" = coalesce(r."ownerId", o."ownerId"), "changedAt" = ${now}
    FROM jsonb_to_recordset(${JSON.stringify(results)}::jsonb)
      AS r("keyId" text, state text, code text, message text, before jsonb, "ownerId" text)
    WHERE o."operationId" = ${id} AND o."keyId" = r."keyId"
      AND o.state::text = CASE WHEN r.state IN ('UNDONE', 'UNDO_FAILED') THEN 'DONE' ELSE 'WAITING' END
    RETURNING o.state::text AS state`;
  const count = (state: OperationKeyState) => written.filter((result) => result.state === state).length;
  await tx.operation.update({
    where: { id },
    data: {
      done: { increment: count('DONE') },
      failed: { increment: count('FAILED') },
      undone: { increment: count('UNDONE') },
      workedAt: now,
    },
    select: { id: true },
  });
}
