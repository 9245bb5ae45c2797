import type { Notice } from '../../../prisma/generated/client/client.ts';
import { automationLateAt } from '../../domain/automation.ts';
import { hasCome } from '../../domain/key.ts';
import { change } from '../../log/change.ts';
import { findOwed } from '../../keys/owed-notices.ts';
import type { NoticeChannel } from '../../keys/notice-channel.ts';
import { ownerIdOf } from '../../keys/stored-key.ts';
import type { Core, Transaction } from '../../store/core.ts';
import { findRenewing } from './find-renewing.ts';
import { planDigests } from './plan-digests.ts';
import { loadRungs, RUNGS, type Rungs } from './rungs.ts';
import { isStillTrue } from './still-true.ts';

/** How many notices one transaction sees to. */
const BATCH = 200;

type AddressingCore = Core & { readonly channels: readonly NoticeChannel[] };
type Due = Notice & {
  readonly key: LoadedKey;
  readonly mails: readonly { accountId: string; failedAt: Date | null }[];
};
type LoadedKey = Awaited<ReturnType<typeof loadDue>>[number]['key'];

/**
 * Sees to whom notices go: those that are still true, to whom they concern. One of a key that renews itself, and is not
 * late, waits until it would be. Each notice is seen to by one node. Returns how many were.
 */
export function addressNotices(core: AddressingCore): Promise<number> {
  return change(core, async ({ tx, now }) => {
    const due = await loadDue(tx, now());
    if (due.length === 0) return 0;
    const at = now();
    const rungs = await loadRungs(
      tx,
      due.map(({ key }) => ownerIdOf(key)),
    );
    const renewing = await findRenewing(
      tx,
      due.map(({ keyId }) => keyId),
    );
    const added: { readonly notice: Due; readonly accountId: string; readonly rung: number }[] = [];
    const unreached: Due[] = [];
    for (const notice of due) {
      const { key, stopsAt } = notice;
      const isNewest = key.notices.every(
        (other) => other.stopsAt.getTime() !== stopsAt.getTime() || other.thresholdMs >= notice.thresholdMs,
      );
      if (!isNewest || !isStillTrue(key, notice, at)) continue;
      const lateAt = renewing.has(key.id) && key.renewalDueAt ? automationLateAt(key.renewalDueAt, stopsAt) : null;
      if (lateAt !== null && !hasCome(lateAt, at)) {
        await tx.notice.update({ where: whichOf(notice), data: { mailAt: lateAt } });
        continue;
      }
      const found = recipientsOf(notice, rungs.get(ownerIdOf(key)) ?? [[], [], []]);
      added.push(...found.map((one) => ({ notice, ...one })));
      if (found.length === 0) unreached.push(notice);
    }
    await settle(tx, core.channels, unreached, at);
    await tx.noticeMail.createMany({
      data: added.map(({ notice, accountId, rung }) => ({
        ...idOf(notice),
        accountId,
        rung,
        ownerId: ownerIdOf(notice.key),
        addedAt: at,
      })),
      skipDuplicates: true,
    });
    await planDigests(
      tx,
      added.map(({ accountId }) => accountId),
    );
    return due.length;
  });
}

async function loadDue(tx: Transaction, now: Date) {
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
 * Whom a notice goes to now: up to the first rung, one further with each earlier notice of that stop that was delivered
 * and not acted upon, and on to the first on which somebody is left who has not refused it.
 */
function recipientsOf({ key, stopsAt, thresholdMs, rung, mails }: Due, rungs: Rungs) {
  const unanswered = key.notices.filter(
    (other) =>
      other.stopsAt.getTime() === stopsAt.getTime() && other.thresholdMs > thresholdMs && other.deliveredAt !== null,
  );
  const taken = new Set(mails.map(({ accountId }) => accountId));
  const found = new Map<string, number>();
  for (let index = 0; index < RUNGS; index += 1) {
    if (index > Math.max(rung, unanswered.length) && found.size > 0) break;
    for (const accountId of rungs[index] ?? [])
      if (!taken.has(accountId)) found.set(accountId, found.get(accountId) ?? index);
  }
  return [...found].map(([accountId, index]) => ({ accountId, rung: index }));
}

/** What nobody is left for has failed if it was tried; else nothing is owed, unless by another way. */
async function settle(
  tx: Transaction,
  channels: readonly NoticeChannel[],
  notices: readonly Due[],
  now: Date,
): Promise<void> {
  const others = await findOwed(
    channels.filter(({ kind }) => kind !== 'MAIL'),
    tx,
    notices.map(({ key }) => key),
  );
  for (const notice of notices) {
    const wasTried = notice.mails.length > 0;
    if (wasTried && notice.mails.some(({ failedAt }) => failedAt === null)) continue;
    const data = wasTried ? { failedAt: now } : { isOwed: others.byAny.has(notice.keyId) };
    await tx.notice.updateMany({ where: { ...idOf(notice), deliveredAt: null }, data });
  }
}

function idOf({ keyId, stopsAt, thresholdMs }: Due) {
  return { keyId, stopsAt, thresholdMs };
}

function whichOf(notice: Due) {
  return { keyId_stopsAt_thresholdMs: idOf(notice) };
}
