import type { Prisma } from '../../prisma/generated/client/client.ts';
import { systemActor, type Actor, type EventDraft } from '../domain/event.ts';
import { newId } from '../domain/id.ts';
import { review, type PendingRotation, type Review, type ReviewedKey } from '../domain/review.ts';
import { consumersOf } from '../domain/rotation.ts';
import type { Change } from '../log/change.ts';
import { askPolicy } from '../policies/ask.ts';
import { builtInPolicy } from '../policies/built-in.ts';
import { lifelineOf, noRotation, rotationOf, subjectOf } from './stored-key.ts';

const whatReviewsRead = {
  realm: true,
  holds: true,
  notices: true,
  secrets: { include: { uses: true } },
} satisfies Prisma.KeyInclude;

type LoadedKey = Prisma.KeyGetPayload<{ include: typeof whatReviewsRead }>;

/** Who tells what a policy decided, and what time alone did. */
const policyActor: Actor = { kind: 'POLICY', id: builtInPolicy.name, name: builtInPolicy.title };

/** Records what has become true of keys that this change has locked, with its events. Returns how many were looked at. */
export async function recordReview(change: Change, ids: readonly string[], now: Date): Promise<number> {
  const keys = await change.tx.key.findMany({
    where: { id: { in: [...ids] } },
    include: whatReviewsRead,
    orderBy: [{ reviewAt: 'asc' }, { id: 'asc' }],
  });
  const reviewed = keys.map((key) => ({ key, result: review(asReviewed(key, now), askPolicy(key, now), now) }));
  await writeRows(change, reviewed);
  for (const { key, result } of reviewed) {
    await writeRotation(change, key, result, now);
    await writeHold(change, key, result, now);
    change.tell(
      ...result.events.map((event): EventDraft => ({ ...event, ...subjectOf(key), actor: actorFor(event.type) })),
    );
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
    ...lifelineOf(key),
    grantedAt: key.grantedAt,
    activeAt: key.activeAt,
    chosenExpiresAt: key.chosenExpiresAt,
    stopsAt: key.stopsAt,
    stopsBasis: key.stopsBasis,
    standing: key.standing,
    isHeldByPolicy: key.holds.some((hold) => hold.source === 'POLICY'),
    rotation: pendingOf(key, now),
    noticesGiven: new Set(given.map((notice) => Number(notice.thresholdMs))),
  };
}

/** The rotation that the key's row speaks of; its moment may have passed since. */
function pendingOf(key: LoadedKey, now: Date): PendingRotation | null {
  if (key.rotationStartedAt === null) return null;
  const pending = rotationOf(key, now);
  const ends = key.secrets.flatMap((secret) => (secret.retiresAt === null ? [] : [secret.retiresAt.getTime()]));
  const graceMs = Number(key.rotationGraceMs ?? 0);
  const wasExtended = key.rotationExtended;
  if (pending === null) return { retiresAt: new Date(Math.max(...ends)), graceMs, wasExtended, isStalled: false };
  const uses = (id: string) => key.secrets.find((secret) => secret.id === id)?.uses ?? [];
  const { notMoved, hasUnlabelled } = consumersOf(uses(pending.retiring.id), uses(pending.current.id), now);
  const isStalled = pending.current.firstUsedAt === null || notMoved.length > 0 || hasUnlabelled;
  return { retiresAt: pending.retiring.retiresAt, graceMs, wasExtended, isStalled };
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

async function writeRotation({ tx }: Change, key: LoadedKey, { rotation }: Review, now: Date): Promise<void> {
  if (rotation === 'UNCHANGED') return;
  if (rotation === 'COMPLETED') return void (await tx.key.update({ where: { id: key.id }, data: noRotation }));
  const pending = rotationOf(key, now);
  if (pending === null) return;
  await tx.secret.update({ where: { id: pending.retiring.id }, data: { retiresAt: rotation.retiresAt } });
  await tx.key.update({ where: { id: key.id }, data: { rotationExtended: true } });
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

const byPolicy: ReadonlySet<EventDraft['type']> = new Set([
  'KEY_HELD',
  'KEY_RESUMED',
  'KEY_STOP_CHANGED',
  'KEY_DORMANCY_WARNED',
  'KEY_ROTATION_STALLED',
]);

function actorFor(type: EventDraft['type']): Actor {
  return byPolicy.has(type) ? policyActor : systemActor;
}
