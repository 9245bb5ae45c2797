import { Prisma } from '../../prisma/generated/client/client.ts';
import type { WarningCode } from '../domain/verification-warning.ts';
import type { Change } from '../log/change.ts';

/** A rollout whose brownouts end. */
interface BrownoutRollout {
  readonly id: string;
  readonly realmId: string;
}

/** The warning of a brownout, as a key's column may have it. */
const AHEAD = JSON.stringify([{ code: 'BROWNOUT_AHEAD' satisfies WarningCode }]);

/** SQL: the keys with brownouts of a rollout, of one owner or of all, and those that are warned of any brownout. */
function withBrownouts({ id, realmId }: BrownoutRollout, ownerId: string | null): Prisma.Sql {
  const ofRollout = JSON.stringify([{ rolloutId: id }]);
  const ofOwner =
    ownerId === null
      ? Prisma.empty
      : Prisma.sql`AND ("accountId" = ${ownerId} OR "organizationId" = ${ownerId} OR "subjectId" = ${ownerId})`;
  return Prisma.sql`
    SELECT id FROM "Key" WHERE "realmId" = ${realmId} ${ofOwner}
      AND (brownouts @> ${ofRollout}::jsonb OR warnings @> ${AHEAD}::jsonb) ORDER BY id`;
}

/** Locks the keys with brownouts of a rollout, before the locks of its realm and of itself, as reviews do. */
export async function lockKeysInBrownouts(tx: Change['tx'], rollout: BrownoutRollout): Promise<void> {
  await tx.$queryRaw`${withBrownouts(rollout, null)} FOR NO KEY UPDATE`;
}

/**
 * Takes the brownouts of a locked rollout, and the warnings of brownouts, off its keys, so that none refuses from the commit on: a review
 * that has read the rollout before waits for it, and then writes none (`findRunningStages`). The keys are due for a review, which
 * warns of the brownouts of other rollouts again.
 */
export async function endBrownouts(change: Change, rollout: BrownoutRollout): Promise<void> {
  await removeBrownouts(change, rollout.id, Prisma.sql`${withBrownouts(rollout, null)} FOR NO KEY UPDATE`);
}

/**
 * Takes the brownouts of a rollout off the keys of an owner who has withdrawn its consent. A key that another transaction changes is
 * left to the review that the caller schedules: waiting for it could deadlock.
 */
export async function endBrownoutsOf(change: Change, rollout: BrownoutRollout, ownerId: string): Promise<void> {
  const keys = Prisma.sql`${withBrownouts(rollout, ownerId)} FOR NO KEY UPDATE SKIP LOCKED`;
  await removeBrownouts(change, rollout.id, keys);
}

async function removeBrownouts(change: Change, rolloutId: string, keys: Prisma.Sql): Promise<void> {
  const rows = await change.tx.$queryRaw<{ id: string }[]>`
    WITH locked AS MATERIALIZED (${keys})
    UPDATE "Key" k SET "reviewAt" = CASE WHEN k."revokedAt" IS NULL AND k."expiredAt" IS NULL
      THEN least(k."reviewAt", ${change.now()}) ELSE k."reviewAt" END, brownouts = (
      SELECT jsonb_agg(b.one ORDER BY b.place) FROM jsonb_array_elements(k.brownouts) WITH ORDINALITY AS b(one, place)
      WHERE b.one->>'rolloutId' <> ${rolloutId}), warnings = (
      SELECT jsonb_agg(w.one ORDER BY w.place) FROM jsonb_array_elements(k.warnings) WITH ORDINALITY AS w(one, place)
      WHERE NOT jsonb_build_array(w.one) @> ${AHEAD}::jsonb)
    FROM locked WHERE k.id = locked.id RETURNING k.id`;
  for (const { id } of rows) change.noteQuietly(id);
}

/**
 * Returns which of some rollouts are in a stage with brownouts and run, of those that a review has read so, as names of `stageName`. They
 * are locked, so that a change that pauses or undoes one waits for the review, and finds the brownouts that it writes.
 */
export async function findRunningStages(
  { tx }: Pick<Change, 'tx'>,
  rolloutIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await tx.$queryRaw<{ id: string; stage: number }[]>`
    SELECT id, stage FROM "Rollout" WHERE id = ANY(${[...rolloutIds]}) AND state = 'RUNNING' ORDER BY id FOR SHARE`;
  return new Set(rows.map(stageName));
}

/** Returns the name of the present stage of a rollout. */
export function stageName({ id, stage }: { readonly id: string; readonly stage: number }): string {
  return `${id} ${stage}`;
}
