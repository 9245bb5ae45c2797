import type { Prisma } from '../../prisma/generated/client/client.ts';
import { systemActor, type Actor } from '../domain/event.ts';
import { newId } from '../domain/id.ts';
import { recordTime, review, type Review, type ReviewedKey, type ReviewEvent } from '../domain/review.ts';
import { consumersOf, type PendingRotation } from '../domain/rotation.ts';
import type { Change } from '../log/change.ts';
import { askPolicy } from '../policies/ask.ts';
import { builtInPolicy } from '../policies/built-in.ts';
import { lifelineOf, noRotation, recordedRotation, subjectOf } from './stored-key.ts';

const whatReviewsRead = {
  realm: true,
  holds: true,
  notices: true,
  secrets: { include: { uses: true } },
} satisfies Prisma.KeyInclude;

type LoadedKey = Prisma.KeyGetPayload<{ include: typeof whatReviewsRead }>;

const actors: Record<ReviewEvent['by'], Actor> = {
  TIME: systemActor,
  POLICY: { kind: 'POLICY', id: builtInPolicy.name, name: builtInPolicy.title },
};

/**
 * Records what has become true of keys that this change has locked, with its events. What use decides is decided only when
 * it is known that all use up to then has been written; otherwise it stays due. Returns how many were looked at.
 */
export async function recordReview(
  change: Change,
  ids: readonly string[],
  now: Date,
  { isUseWritten }: { readonly isUseWritten: boolean },
): Promise<number> {
  const keys = await change.tx.key.findMany({
    where: { id: { in: [...ids] } },
    include: whatReviewsRead,
    orderBy: [{ reviewAt: 'asc' }, { id: 'asc' }],
  });
  const look = isUseWritten ? review : recordTime;
  const reviewed = keys.map((key) => ({ key, result: look(asReviewed(key, now), askPolicy(key, now), now) }));
  await writeRows(change, reviewed);
  for (const { key, result } of reviewed) {
    await writeRotation(change, key, result);
    await writeHold(change, key, result, now);
    change.tell(...result.events.map(({ by, ...event }) => ({ ...event, ...subjectOf(key), actor: actors[by] })));
  }
  await change.tx.notice.createMany({
    data: reviewed.flatMap(({ key, result: { notice, row } }) =>
      notice === null || row.stopsAt === null
        ? []
        : [{ keyId: key.id, stopsAt: row.stopsAt, thresholdMs: BigInt(notice.thresholdMs), givenAt: now }],
    ),
    skipDuplicates: true,
  });
  return keys.length;
}

function asReviewed(key: LoadedKey, now: Date): ReviewedKey {
  const given = key.notices.filter((notice) => notice.stopsAt.getTime() === key.stopsAt?.getTime());
  return {
    ...key,
    ...lifelineOf(key),
    isHeldByPolicy: key.holds.some((hold) => hold.source === 'POLICY'),
    isHeldByPerson: key.holds.some((hold) => hold.source !== 'POLICY'),
    rotation: pendingOf(key, now),
    noticesGiven: new Set(given.map((notice) => Number(notice.thresholdMs))),
  };
}

/** The rotation that the key's row speaks of, and whether it is stalled; its moment may have passed since. */
function pendingOf(key: LoadedKey, now: Date): PendingRotation | null {
  const recorded = recordedRotation(key);
  if (recorded === null) return null;
  const { current, retiring, pending } = recorded;
  const { notMoved, hasUnlabelled } = consumersOf(retiring.uses, current.uses, now);
  return { ...pending, isStalled: current.firstUsedAt === null || notMoved.length > 0 || hasUnlabelled };
}

/** One statement for the whole batch. */
async function writeRows({ tx }: Change, reviewed: readonly { key: LoadedKey; result: Review }[]): Promise<void> {
  const rows = reviewed.map(({ key, result }) => ({ id: key.id, ...result.row }));
  await tx.$executeRaw`
    UPDATE "Key" k SET
      "expiresAt" = r."expiresAt", "expiryBasis" = r."expiryBasis"::"StopBasis",
      "stopsAt" = r."stopsAt", "stopsBasis" = r."stopsBasis"::"StopBasis",
      standing = r.standing::"Standing", "expiredAt" = r."expiredAt", "reviewAt" = r."reviewAt"
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS r(id text, "expiresAt" timestamptz, "expiryBasis" text, "stopsAt" timestamptz, "stopsBasis" text,
           standing text, "expiredAt" timestamptz, "reviewAt" timestamptz)
    WHERE k.id = r.id`;
}

async function writeRotation({ tx }: Change, key: LoadedKey, { rotation }: Review): Promise<void> {
  const retiring = recordedRotation(key)?.retiring;
  if (rotation === null || retiring === undefined) return;
  await tx.secret.update({ where: { id: retiring.id }, data: { retiresAt: rotation.retiresAt } });
  await tx.key.update({ where: { id: key.id }, data: rotation.isOver ? noRotation : { rotationExtended: true } });
}

/** A review places and lifts policy's own holds, never a person's. */
async function writeHold({ tx, core }: Change, key: LoadedKey, { hold, events }: Review, now: Date): Promise<void> {
  if (hold === 'LIFTED') await tx.hold.deleteMany({ where: { keyId: key.id, source: 'POLICY' } });
  if (hold !== 'PLACED') return;
  await tx.hold.create({
    data: {
      id: newId('hold', now, core.random),
      keyId: key.id,
      source: 'POLICY',
      sourceId: builtInPolicy.name,
      sourceName: builtInPolicy.title,
      reason: events.find((event) => event.type === 'KEY_HELD')?.reason ?? builtInPolicy.summary,
      since: now,
    },
  });
}
