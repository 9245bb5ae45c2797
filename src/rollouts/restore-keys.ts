import type { Rollout } from '../../prisma/generated/client/client.ts';
import { hasCome } from '../domain/key.ts';
import { systemActor, type Actor } from '../domain/event.ts';
import {
  evaluateKeyList,
  evaluationInputOf,
  storeVerdicts,
  verdictColumns,
  type PolicyCore,
} from '../keys/apply-policies.ts';
import { eventSubjectOf, recordedRotation, type KeyRow } from '../keys/key-row.ts';
import { lockKeysAhead, readKeys } from '../keys/lock-key.ts';
import type { Change } from '../log/change.ts';
import { isStoppedBy } from './budget.ts';
import { rolloutEventData } from './stored-rollout.ts';

/** How many keys one transaction restores. */
export const RESTORE_BATCH = 200;

/**
 * Lets the next keys return that ended under a rollout and would not have ended without it (rule 48). Returns the id of the last
 * key that was checked; null: there are no more.
 */
export async function restoreKeys(change: Change<PolicyCore>, rollout: Rollout): Promise<string | null> {
  const { tx } = change;
  const now = change.share('instant', () => change.now());
  const ids = await change.share('batch', async () => {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM "Key" WHERE "realmId" = ${rollout.realmId} AND id > ${rollout.restoreCursor ?? ''}
        AND "expiredAt" >= ${rollout.inForceSince}::timestamptz AND "revokedAt" IS NULL
      ORDER BY id LIMIT ${RESTORE_BATCH}`;
    return rows.map(({ id }) => id);
  });
  if (!change.isRehearsal) await lockKeysAhead(tx, ids);
  const keys = (await readKeys(tx, ids)).filter((key) => endedUnder(rollout, key));
  const alive = keys.map((key): KeyRow => ({ ...key, expiredAt: null, standing: 'ACTIVE', stopsAt: null }));
  const inputs = alive.map((key) => ({ ...evaluationInputOf(key), promise: 'NEW' as const }));
  const evaluated = inputs.length === 0 ? [] : await evaluateKeyList(change, inputs, now);
  if (change.isRehearsal) return null;
  const actor = restorerOf(rollout);
  const reason = `The rollout ${rollout.title} was undone.`;
  let restored = 0;
  for (const [index, key] of alive.entries()) {
    const one = evaluated[index];
    if (one === undefined) continue;
    const columns = verdictColumns({ ...key, rotation: recordedRotation(key)?.pending ?? null }, one, now);
    if (hasCome(columns.stopsAt, now)) continue;
    // A review follows: it lifts the hold that policy placed before the key ended, and gives the notices of the new stop.
    change.rows.update('Key', { id: key.id, expiredAt: null, standing: 'ACTIVE', ...columns, reviewAt: now });
    storeVerdicts(change, [{ keyId: key.id, verdicts: one.verdicts }], now);
    const data = {
      mode: 'EXTEND' as const,
      from: keys[index]?.expiresAt?.toISOString() ?? null,
      expiresAt: columns.expiresAt?.toISOString() ?? null,
      stopsAt: columns.stopsAt?.toISOString() ?? null,
      basis: columns.stopsBasis,
    };
    change.record({ type: 'KEY_RENEWED', at: now, ...eventSubjectOf(key), actor, reason, data });
    restored += 1;
  }
  const cursor = ids.length < RESTORE_BATCH ? null : (ids.at(-1) ?? null);
  const written = await tx.rollout.update({
    where: { id: rollout.id },
    data: { restoreCursor: cursor, restoredCount: { increment: restored } },
  });
  if (cursor === null && written.state === 'UNDONE') recordRestored(change, written);
  return cursor;
}

/** Whether a rollout's revision had stopped a key when it ended. */
function endedUnder(rollout: Rollout, key: KeyRow): boolean {
  return key.expiredAt !== null && isStoppedBy(rollout, key, key.expiredAt);
}

function restorerOf({ restoredById: id, restoredByName: name }: Rollout): Actor {
  return id === null ? systemActor : { kind: 'ACCOUNT', id, name };
}

/** Records the end of a rollout whose keys have returned. */
function recordRestored(change: Change, rollout: Rollout): void {
  const { realmId, restoredCount } = rollout;
  const data = { ...rolloutEventData(rollout), bindingRevision: null, restoredCount };
  const actor = restorerOf(rollout);
  change.record({ type: 'ROLLOUT_ENDED', at: change.now(), realmId, actor, reason: null, data });
}
