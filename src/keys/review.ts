import type { Binding } from '../../prisma/generated/client/client.ts';
import { systemActor, type Actor } from '../domain/event.ts';
import { newId } from '../domain/id.ts';
import { expiredAt } from '../domain/key.ts';
import { renewalInfo } from '../domain/renewal-info.ts';
import { recordTime, type Review } from '../domain/review.ts';
import type { Change } from '../log/change.ts';
import { judge, type Report } from '../policies/judge.ts';
import { recall } from '../policies/recall.ts';
import { readJudgement } from '../policies/judgement.ts';
import { lookAgainAt, storeJudgements, subjectFor, type ReviewingCore } from './judge-key.ts';
import type { NoticeChannel } from './notice-channel.ts';
import { findUntold, giveNotices } from './owed-notices.ts';
import { passBrakes } from './pass-brakes.ts';
import { asReviewed, askedSoon, reviewed, whatReviewsRead, type LoadedKey, type Reviewed } from './reviewed-key.ts';
import { lifelineOf, noRotation, recordedRotation, subjectOf } from './stored-key.ts';

/**
 * Records what time alone has made true of keys that this change has locked, with its events. No policy is asked: what use
 * decides stays due.
 */
export async function recordPast(change: Change, ids: readonly string[], now: Date): Promise<void> {
  const keys = await loadKeys(change, ids);
  await write(
    change,
    keys.map((key) => {
      const verdict = recall(key.realm, readJudgement(key.judgement));
      const result = recordTime(asReviewed(key, now), verdict, now);
      return { key, verdict, result, judgement: null, isUntold: false, movedOutMs: null };
    }),
    now,
    [],
  );
}

/**
 * Looks at keys that this change has locked, when all use up to now has been written: asks policy, decides what use decides,
 * and records what has become true, with its events. A stop that a brake refuses to bring nearer stays where it was; one of
 * which no notice could be delivered moves out, once.
 * Returns how the bindings did.
 */
export async function recordReview(
  change: Change<ReviewingCore>,
  ids: readonly string[],
  now: Date,
): Promise<readonly Report[]> {
  const keys = await loadKeys(change, ids);
  const alive = keys.filter((key) => key.expiredAt === null && expiredAt(lifelineOf(key), now) === null);
  const subjects = alive.filter(({ revokedAt }) => revokedAt === null);
  const { judged, reports } = await judge(
    change.core.policies,
    change.tx,
    subjects.map((key) => subjectFor(key)),
    now,
  );
  const words = new Map(judged.map((one) => [one.subject.known.key.id, one]));
  const { channels } = change.core;
  const untold = await findUntold(channels, change.tx, subjects, now);
  const proposed = keys.map((key) => {
    const word = words.get(key.id);
    const one = reviewed(key, word?.judgement ?? null, untold.has(key.id), now);
    return word?.isUnasked ? askedSoon(one, now) : one;
  });
  await write(change, await passBrakes(change, proposed, reports, now), now, channels);
  return reports;
}

async function loadKeys({ tx }: Change, ids: readonly string[]): Promise<LoadedKey[]> {
  return tx.key.findMany({
    where: { id: { in: [...ids] } },
    include: whatReviewsRead,
    orderBy: [{ reviewAt: 'asc' }, { id: 'asc' }],
  });
}

async function write(
  change: Change,
  reviewed: readonly Reviewed[],
  now: Date,
  channels: readonly NoticeChannel[],
): Promise<void> {
  await writeRows(change, reviewed, now);
  const ended = reviewed.flatMap(({ key, result }) =>
    key.waitingStop !== null && result.row.expiredAt !== null ? [key.id] : [],
  );
  if (ended.length > 0) await change.tx.waitingStop.deleteMany({ where: { keyId: { in: ended } } });
  for (const { key, movedOutMs } of reviewed) {
    if (movedOutMs === null) continue;
    await change.tx.key.update({ where: { id: key.id }, data: { movedOutAt: now, movedOutMs: BigInt(movedOutMs) } });
  }
  const judgements = reviewed.flatMap(({ key, judgement }) =>
    judgement === null ? [] : [{ keyId: key.id, judgement }],
  );
  if (judgements.length > 0) await storeJudgements(change.tx, judgements, now);
  for (const { key, result } of reviewed) {
    await writeRotation(change, key, result);
    await writeHold(change, key, result, now);
    change.tell(
      ...result.events.map(({ by, ...event }) => ({
        ...event,
        ...subjectOf(key),
        actor: actorFor(by, key.realm.bindings),
      })),
    );
  }
  await giveNotices(
    change,
    reviewed.map(({ key, result: { notice, row } }) => ({ key, notice, stopsAt: row.stopsAt })),
    channels,
    now,
  );
}

/** Null: time alone. */
function actorFor(by: string | null, bindings: readonly Binding[]): Actor {
  if (by === null) return systemActor;
  return { kind: 'POLICY', id: by, name: bindings.find(({ id }) => id === by)?.title ?? null };
}

/** One statement for the whole batch. */
async function writeRows({ tx }: Change, reviewed: readonly Reviewed[], now: Date): Promise<void> {
  const rows = reviewed.map(({ key, verdict, result: { row } }) => {
    const { isAllowed, suggestedAt } = renewalInfo({ ...key, ...lifelineOf(key), ...row }, verdict, now);
    const renewalDueAt = isAllowed ? suggestedAt : null;
    return { id: key.id, ...row, renewalDueAt, reviewAt: lookAgainAt(row.reviewAt, renewalDueAt, now) };
  });
  await tx.$executeRaw`
    UPDATE "Key" k SET
      "expiresAt" = r."expiresAt", "expiryBasis" = r."expiryBasis"::"StopBasis",
      "stopsAt" = r."stopsAt", "stopsBasis" = r."stopsBasis"::"StopBasis", "renewalDueAt" = r."renewalDueAt",
      standing = r.standing::"Standing", "expiredAt" = r."expiredAt", "reviewAt" = r."reviewAt"
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS r(id text, "expiresAt" timestamptz, "expiryBasis" text, "stopsAt" timestamptz, "stopsBasis" text,
           "renewalDueAt" timestamptz, standing text, "expiredAt" timestamptz, "reviewAt" timestamptz)
    WHERE k.id = r.id`;
}

async function writeRotation({ tx }: Change, key: LoadedKey, { rotation }: Review): Promise<void> {
  const retiring = recordedRotation(key)?.retiring;
  if (rotation === null || retiring === undefined) return;
  await tx.secret.update({ where: { id: retiring.id }, data: { retiresAt: rotation.retiresAt } });
  await tx.key.update({ where: { id: key.id }, data: rotation.isOver ? noRotation : { rotationExtended: true } });
}

/** A review places and lifts policy's own holds, never a person's. */
async function writeHold({ tx, core }: Change, key: LoadedKey, { hold }: Review, now: Date): Promise<void> {
  if (hold === 'UNCHANGED') return;
  await tx.hold.deleteMany({ where: { keyId: key.id, source: 'POLICY' } });
  if (hold === null) return;
  await tx.hold.create({
    data: {
      id: newId('hold', now, core.random),
      keyId: key.id,
      source: 'POLICY',
      sourceId: hold.by,
      sourceName: key.realm.bindings.find(({ id }) => id === hold.by)?.title ?? hold.by,
      reason: hold.sentence,
      since: key.holds.find(({ source }) => source === 'POLICY')?.since ?? now,
    },
  });
}
