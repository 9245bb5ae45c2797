import type { EventDraft } from '../domain/event-detail.ts';
import { newId } from '../domain/id.ts';
import type { Core, Transaction } from '../store/core.ts';
import { populate } from '../store/json-rows.ts';
import { DeferredRows } from './deferred-rows.ts';

/** The NOTIFY channel on which nodes announce that the log has grown. The payload is the position of the new head. */
export const LOG_CHANNEL = 'keytide_log';

/**
 * Appends events in the given order and assigns their positions; also appends a quiet change of keys without an event.
 * Before that it writes deferred rows, in the same statement. Locks the single counter row until the transaction ends,
 * so it must be the last statement before the commit: then positions are in commit order, without gaps (law 7). The
 * counter is locked when the rows are written, so that no change that holds it waits for a row. Checks of foreign keys
 * come after it: rows that others refer to must be locked FOR NO KEY UPDATE, unless they are deleted. Returns the
 * position of the last event of the log; null if nothing was appended. Throws if a row to be updated does not exist.
 */
export async function append(
  core: Core,
  tx: Transaction,
  drafts: readonly EventDraft[],
  quietKeyIds: readonly string[] = [],
  deferred = new DeferredRows(),
): Promise<bigint | null> {
  if (drafts.length === 0 && quietKeyIds.length === 0) {
    await writeRows(tx, deferred);
    return null;
  }
  const recordedAt = core.clock.now();
  const rows = drafts.map((draft, index) => ({
    position: index,
    id: newId('event', recordedAt, core.random),
    type: draft.type,
    at: draft.at,
    keyId: draft.keyId ?? null,
    realmId: draft.realmId ?? null,
    ownerId: draft.ownerId ?? null,
    actorKind: draft.actor.kind,
    actorId: draft.actor.id,
    actorName: draft.actor.name,
    reason: draft.reason ?? null,
    data: draft.data,
  }));
  const { parts, after } = deferred.take();
  const [head] = await tx.$queryRaw<{ position: bigint }[]>`
    WITH ${parts} head AS (
      UPDATE "LogHead" SET position = position + ${rows.length}, quiet = quiet + ${quietKeyIds.length === 0 ? 0 : 1}
      WHERE id = 1 AND ${after} RETURNING position, quiet
    ), quiet AS (
      INSERT INTO "QuietChange" (number, "keyIds", "recordedAt")
      SELECT head.quiet, ${[...quietKeyIds]}, ${recordedAt} FROM head WHERE ${quietKeyIds.length > 0}
    ), appended AS (
      INSERT INTO "Event" (position, id, type, at, "recordedAt", "keyId", "realmId", "ownerId",
                           "actorKind", "actorId", "actorName", reason, data)
      SELECT head.position - ${rows.length} + e.position + 1, e.id, e.type, e.at, ${recordedAt}, e."keyId", e."realmId", e."ownerId",
             e."actorKind", e."actorId", e."actorName", e.reason, e.data
      FROM head, ${populate('Event', rows)} e
    )
    SELECT head.position, pg_notify(${LOG_CHANNEL}, head.position::text)::text FROM head`;
  if (head === undefined) throw missingRow();
  return head.position;
}

/** Writes deferred rows in a statement of their own, if there are any. Throws if a row to be updated does not exist. */
export async function writeRows(tx: Transaction, deferred: DeferredRows): Promise<void> {
  if (deferred.isEmpty) return;
  const { parts, after } = deferred.take();
  const done = await tx.$queryRaw<unknown[]>`
    WITH ${parts} done AS (SELECT 1 AS one WHERE ${after}) SELECT one FROM done`;
  if (done.length === 0) throw missingRow();
}

function missingRow(): Error {
  return new Error('a row to be updated does not exist');
}
