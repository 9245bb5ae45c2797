import type { Notice } from '../../prisma/generated/client/client.ts';
import { automationLateAt } from '../domain/automation.ts';
import { hasCome } from '../domain/key.ts';
import { noticeThresholdsMs } from '../domain/notice.ts';
import { change } from '../log/change.ts';
import { findDeliverable } from '../keys/store-notices.ts';
import type { NoticeChannel } from '../keys/notice-channel.ts';
import { ownerIdOf } from '../keys/key-row.ts';
import type { Core, Transaction } from '../store/core.ts';
import { findSelfRenewingKeys } from './find-self-renewing-keys.ts';
import { assignSubjectNotices } from './subjects/assign-subject-notices.ts';
import { scheduleDigests } from './schedule-digests.ts';
import { loadNoticeRungs, RUNG_COUNT, type EscalationRungs } from './escalation.ts';
import { isNoticeCurrent } from './is-notice-current.ts';

/** How far ahead of a stop its first notice is given at most. */
const FIRST_THRESHOLD_MS = Math.max(...noticeThresholdsMs);

/** How many notices one transaction handles. */
const BATCH = 200;

type NoticeCore = Core & { readonly channels: readonly NoticeChannel[] };
type DueNotice = Notice & {
  readonly key: LoadedKey;
  readonly mails: readonly { accountId: string; failedAt: Date | null }[];
};
type LoadedKey = Awaited<ReturnType<typeof claimDueNotices>>[number]['key'];

/**
 * Assigns the recipients of the notices that are due and still current. A notice for a key that renews itself waits
 * until the renewal is late. Each notice is handled by one node. Returns how many notices were handled.
 */
export function assignNoticeRecipients(core: NoticeCore): Promise<number> {
  return change(core, async ({ tx, now }) => {
    const due = await claimDueNotices(tx, now());
    if (due.length === 0) return 0;
    const at = now();
    const rungs = await loadNoticeRungs(
      tx,
      due.map(({ key }) => ownerIdOf(key)),
    );
    const selfRenewing = await findSelfRenewingKeys(
      tx,
      due.map(({ keyId }) => keyId),
    );
    const added: { readonly notice: DueNotice; readonly accountId: string; readonly rung: number }[] = [];
    const unreachable: DueNotice[] = [];
    const ofSubjects: DueNotice[] = [];
    for (const notice of due) {
      const { key, stopsAt } = notice;
      const isNewest = key.notices.every(
        (other) => other.stopsAt.getTime() !== stopsAt.getTime() || other.thresholdMs >= notice.thresholdMs,
      );
      if (!isNewest || !isNoticeCurrent(key, notice, at)) continue;
      const lateAt = selfRenewing.has(key.id) && key.renewalDueAt ? automationLateAt(key.renewalDueAt, stopsAt) : null;
      if (lateAt !== null && !hasCome(lateAt, at)) {
        await tx.notice.update({ where: whereNotice(notice), data: { mailAt: lateAt } });
        continue;
      }
      if (key.subjectId !== null) {
        ofSubjects.push(notice);
        continue;
      }
      const recipients = recipientsOf(notice, rungs.get(ownerIdOf(key)) ?? [[], [], []]);
      added.push(...recipients.map((recipient) => ({ notice, ...recipient })));
      if (recipients.length === 0) unreachable.push(notice);
    }
    unreachable.push(...(await assignSubjectNotices(tx, ofSubjects, at)));
    await recordUnreachable(tx, core.channels, unreachable, at);
    await tx.noticeMail.createMany({
      data: added.map(({ notice, accountId, rung }) => ({
        ...noticeIdOf(notice),
        accountId,
        rung,
        ownerId: ownerIdOf(notice.key),
        addedAt: at,
      })),
      skipDuplicates: true,
    });
    await scheduleDigests(
      tx,
      added.map(({ accountId }) => accountId),
    );
    return due.length;
  });
}

async function claimDueNotices(tx: Transaction, now: Date) {
  const ids = await tx.$queryRaw<{ keyId: string; stopsAt: Date; thresholdMs: bigint }[]>`
    UPDATE "Notice" SET "mailAt" = NULL WHERE ("keyId", "stopsAt", "thresholdMs") IN (
      SELECT "keyId", "stopsAt", "thresholdMs" FROM "Notice" WHERE "mailAt" <= ${now}
      ORDER BY "mailAt" LIMIT ${BATCH} FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING "keyId", "stopsAt", "thresholdMs"`;
  return tx.notice.findMany({
    where: { OR: ids.map((id) => ({ ...id })) },
    include: { key: { include: { notices: true } }, mails: { select: { accountId: true, failedAt: true } } },
  });
}

/**
 * Returns the accounts that a notice goes to now, with their rung. It goes to the first rung, and to one rung more for
 * each earlier notice of the same stop that was delivered without effect. If no untried account is left on these rungs,
 * it goes on to the next rung that has one.
 */
function recipientsOf({ key, stopsAt, thresholdMs, rung, mails }: DueNotice, rungs: EscalationRungs) {
  const earlierDelivered = key.notices.filter(
    (other) =>
      other.stopsAt.getTime() === stopsAt.getTime() &&
      other.thresholdMs > thresholdMs &&
      other.deliveredAt !== null &&
      // A notice long ahead, that the key stops before its next use, leaves time to act.
      (other.nextUseFrom === null || other.thresholdMs <= FIRST_THRESHOLD_MS),
  );
  const triedIds = new Set(mails.map(({ accountId }) => accountId));
  const rungByAccount = new Map<string, number>();
  for (let index = 0; index < RUNG_COUNT; index += 1) {
    if (index > Math.max(rung, earlierDelivered.length) && rungByAccount.size > 0) break;
    for (const accountId of rungs[index] ?? [])
      if (!triedIds.has(accountId)) rungByAccount.set(accountId, rungByAccount.get(accountId) ?? index);
  }
  return [...rungByAccount].map(([accountId, index]) => ({ accountId, rung: index }));
}

/**
 * Settles notices without a recipient left. A notice that was tried has failed. One that was never tried is owed only
 * if another channel can deliver it.
 */
async function recordUnreachable(
  tx: Transaction,
  channels: readonly NoticeChannel[],
  notices: readonly DueNotice[],
  now: Date,
): Promise<void> {
  const otherChannels = await findDeliverable(
    channels.filter(({ kind }) => kind !== 'MAIL'),
    tx,
    notices.map(({ key }) => key),
  );
  for (const notice of notices) {
    const wasTried = notice.mails.length > 0;
    if (wasTried && notice.mails.some(({ failedAt }) => failedAt === null)) continue;
    const data = wasTried ? { failedAt: now } : { isOwed: otherChannels.byAny.has(notice.keyId) };
    await tx.notice.updateMany({ where: { ...noticeIdOf(notice), deliveredAt: null }, data });
  }
}

function noticeIdOf({ keyId, stopsAt, thresholdMs }: DueNotice) {
  return { keyId, stopsAt, thresholdMs };
}

function whereNotice(notice: DueNotice) {
  return { keyId_stopsAt_thresholdMs: noticeIdOf(notice) };
}
