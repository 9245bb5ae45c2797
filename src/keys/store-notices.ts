import type { Key, Notice } from '../../prisma/generated/client/client.ts';
import { hasCome } from '../domain/key.ts';
import { lifeStartedAt, noticeThresholdsMs } from '../domain/notice.ts';
import type { Change } from '../log/change.ts';
import type { Transaction } from '../store/core.ts';
import type { NoticeChannel } from './notice-channel.ts';
import { ownerIdOf } from './key-row.ts';

/** What a review found of the notices of a key; null: none is due. */
interface NoticeCandidate {
  readonly key: Key;
  readonly stopsAt: Date | null;
  readonly notice: { readonly thresholdMs: number } | null;
}

/** Writes down the notices that are given, and which of them there is a way to deliver. */
export async function storeNotices(
  { tx }: Change,
  found: readonly NoticeCandidate[],
  channels: readonly NoticeChannel[],
  now: Date,
): Promise<void> {
  const due = found.flatMap(({ key, stopsAt, notice }) =>
    notice === null || stopsAt === null ? [] : [{ key, stopsAt, thresholdMs: BigInt(notice.thresholdMs) }],
  );
  if (due.length === 0) return;
  const keys = due.map(({ key }) => key);
  const { byAny, byMail } = await findDeliverable(channels, tx, keys);
  const rows = due.map(({ key: { id: keyId }, ...notice }) => {
    return { ...notice, keyId, givenAt: now, isOwed: byAny.has(keyId), mailAt: byMail.has(keyId) ? now : null };
  });
  await tx.notice.createMany({ data: rows, skipDuplicates: true });
}

type KeyWithNotices = Key & { readonly notices: readonly Notice[] };

/** Of these keys, those whose notices are to be delivered, and those of them to which mail is. */
export async function findDeliverable(
  channels: readonly NoticeChannel[],
  tx: Transaction,
  keys: readonly Key[],
): Promise<{ readonly byAny: ReadonlySet<string>; readonly byMail: ReadonlySet<string> }> {
  const asked = keys.map((key) => ({ id: key.id, realmId: key.realmId, ownerId: ownerIdOf(key) }));
  const byAny = new Set<string>();
  const byMail = new Set<string>();
  for (const channel of asked.length === 0 ? [] : channels) {
    for (const id of await channel.findReachable(tx, asked)) {
      byAny.add(id);
      if (channel.kind === 'MAIL') byMail.add(id);
    }
  }
  return { byAny, byMail };
}

/**
 * Of these keys, those whose stop by use has come while none of its notices could be delivered, although there was a way.
 * Where none was given in time, because nobody looked, it is asked whether there is a way now.
 */
export async function findUnnotified(
  channels: readonly NoticeChannel[],
  tx: Transaction,
  keys: readonly KeyWithNotices[],
  now: Date,
): Promise<ReadonlySet<string>> {
  const stopping = keys.filter(({ stopsAt, stopsBasis }) => stopsBasis === 'BY_USE' && hasCome(stopsAt, now));
  const given = (key: KeyWithNotices) => key.notices.filter((one) => one.stopsAt.getTime() === key.stopsAt?.getTime());
  const untold = stopping.filter((key) => {
    const notices = given(key);
    return notices.some(({ isOwed }) => isOwed) && notices.every(({ deliveredAt }) => deliveredAt === null);
  });
  const missed = stopping.filter((key) => given(key).length === 0 && isLongEnough(key));
  const { byAny } = await findDeliverable(channels, tx, missed);
  return new Set([...untold.map(({ id }) => id), ...byAny]);
}

/** Whether a life was so long that notice was to be given of its end. */
function isLongEnough(key: KeyWithNotices): boolean {
  const lifeMs = (key.stopsAt?.getTime() ?? 0) - lifeStartedAt(key, key).getTime();
  return noticeThresholdsMs.some((thresholdMs) => thresholdMs <= lifeMs);
}
