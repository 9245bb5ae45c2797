import type { Key, Notice } from '../../prisma/generated/client/client.ts';
import { hasCome } from '../domain/key.ts';
import type { NextUseNotice } from '../domain/next-use-notice.ts';
import { lifeStartedAt, noticeThresholdsFor } from '../domain/notice.ts';
import type { Change } from '../log/change.ts';
import type { Transaction } from '../store/core.ts';
import type { NoticeChannel } from './notice-channel.ts';
import { ownerIdOf } from './key-row.ts';

/** A reviewed key and the notice that is due for its stop; null: none is due. */
interface NoticeCandidate {
  readonly key: Key;
  readonly stopsAt: Date | null;
  readonly notice: { readonly thresholdMs: number } | null;
  /** A notice that the key stops before its next use; null: none is due. */
  readonly nextUseNotice: NextUseNotice | null;
}

/** Stores the notices that are due, and which channels are to deliver them. */
export async function storeNotices(
  { tx }: Change,
  candidates: readonly NoticeCandidate[],
  channels: readonly NoticeChannel[],
  now: Date,
): Promise<void> {
  const due = candidates.flatMap(({ key, stopsAt, notice, nextUseNotice }) =>
    stopsAt === null
      ? []
      : [
          ...(notice === null ? [] : [{ key, stopsAt, thresholdMs: BigInt(notice.thresholdMs), isOfStop: true }]),
          ...(nextUseNotice === null ? [] : [{ key, stopsAt, ...nextUseColumns(nextUseNotice), isOfStop: false }]),
        ],
  );
  if (due.length === 0) return;
  const keys = due.map(({ key }) => key);
  const { byAny, byMail } = await findDeliverable(channels, tx, keys);
  const rows = due.map(({ key: { id: keyId }, isOfStop, ...notice }) => {
    const isOwed = isOfStop && byAny.has(keyId);
    return { ...notice, keyId, givenAt: now, isOwed, mailAt: byMail.has(keyId) ? now : null };
  });
  await tx.notice.createMany({ data: rows, skipDuplicates: true });
}

/** Returns the columns of a notice that a key stops before its next use. No stop is postponed for lack of it: it is not owed. */
export function nextUseColumns({ thresholdMs, cadence }: NextUseNotice) {
  const { nextUseFrom, nextUseTo } = cadence;
  return {
    thresholdMs: BigInt(thresholdMs),
    nextUseFrom: new Date(nextUseFrom),
    nextUseTo: new Date(nextUseTo),
  };
}

type KeyWithNotices = Key & { readonly notices: readonly Notice[] };

/**
 * Returns the ids of those keys whose notices any channel can deliver (`byAny`), and those that mail can (`byMail`).
 */
export async function findDeliverable(
  channels: readonly NoticeChannel[],
  tx: Transaction,
  keys: readonly Key[],
): Promise<{ readonly byAny: ReadonlySet<string>; readonly byMail: ReadonlySet<string> }> {
  const keysToNotify = keys.map((key) => ({ id: key.id, realmId: key.realmId, ownerId: ownerIdOf(key) }));
  const byAny = new Set<string>();
  const byMail = new Set<string>();
  for (const channel of keysToNotify.length === 0 ? [] : channels) {
    for (const id of await channel.findReachable(tx, keysToNotify)) {
      byAny.add(id);
      if (channel.kind === 'MAIL') byMail.add(id);
    }
  }
  return { byAny, byMail };
}

/**
 * Returns the ids of those keys whose BY_USE stop has come although a channel was to deliver its notices and none was
 * delivered. If no notice was stored in time, because no review ran, a key is included if a channel could deliver a
 * notice now.
 */
export async function findUnnotified(
  channels: readonly NoticeChannel[],
  tx: Transaction,
  keys: readonly KeyWithNotices[],
  now: Date,
): Promise<ReadonlySet<string>> {
  const stopping = keys.filter(({ stopsAt, stopsBasis }) => stopsBasis === 'BY_USE' && hasCome(stopsAt, now));
  // A notice that the key stops before its next use is not owed to anyone: it counts only if it was delivered.
  const noticesOf = (key: KeyWithNotices) =>
    key.notices.filter(
      ({ stopsAt, nextUseFrom, deliveredAt }) =>
        stopsAt.getTime() === key.stopsAt?.getTime() && (nextUseFrom === null || deliveredAt !== null),
    );
  const undelivered = stopping.filter((key) => {
    const notices = noticesOf(key);
    return notices.some(({ isOwed }) => isOwed) && notices.every(({ deliveredAt }) => deliveredAt === null);
  });
  const withoutNotice = stopping.filter((key) => noticesOf(key).length === 0 && isLongEnough(key));
  const { byAny } = await findDeliverable(channels, tx, withoutNotice);
  return new Set([...undelivered.map(({ id }) => id), ...byAny]);
}

/** Returns whether a key lived long enough to be due at least one notice of its stop. */
function isLongEnough(key: KeyWithNotices): boolean {
  const lifeMs = (key.stopsAt?.getTime() ?? 0) - lifeStartedAt(key, key).getTime();
  return noticeThresholdsFor(lifeMs).length > 0;
}
