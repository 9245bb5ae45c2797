import type { LabelInput } from '../keys/check-labels.ts';
import type { NoticeChannel } from '../keys/notice-channel.ts';
import type { Event } from '../../prisma/generated/client/client.ts';
import { markNoticesDelivered } from '../keys/mark-notices-delivered.ts';
import type { Transaction } from '../store/core.ts';
import { parseDuration } from '../domain/duration.ts';

/** The event that a notice is told by. */
const NOTICE_EVENT_TYPE = 'KEY_EXPIRING';

/** Webhooks as a way for notices: they owe those that they choose, also while they are paused. */
export const webhookChannel: NoticeChannel = {
  kind: 'WEBHOOK',
  async findReachable(tx, keys) {
    const ownerIds = keys.map(({ ownerId }) => ownerId);
    const webhooks = await tx.webhook.findMany({
      where: {
        state: { not: 'ENDED' },
        OR: [
          { accountId: { in: ownerIds } },
          { organizationId: { in: ownerIds } },
          { realmId: { in: keys.map(({ realmId }) => realmId) } },
        ],
        AND: { OR: [{ types: { isEmpty: true } }, { types: { has: NOTICE_EVENT_TYPE } }] },
      },
    });
    if (webhooks.length === 0) return new Set();
    const labelled = await tx.label.findMany({ where: { keyId: { in: keys.map(({ id }) => id) } } });
    const has = (keyId: string, asked: LabelInput) =>
      labelled.some((label) => label.keyId === keyId && label.name === asked.name && label.value === asked.value);
    const isOwed = ({ id, realmId, ownerId }: (typeof keys)[number]) =>
      webhooks.some(
        (webhook) =>
          [webhook.accountId, webhook.organizationId, webhook.realmId].some((of) => of === ownerId || of === realmId) &&
          (webhook.keyIds.length === 0 || webhook.keyIds.includes(id)) &&
          (webhook.labels as unknown as readonly LabelInput[]).every((label) => has(id, label)),
      );
    return new Set(keys.filter(isOwed).map(({ id }) => id));
  },
};

/** Notes that a receiver has taken an event, if that told of a notice. */
export async function recordNoticeDelivery(tx: Transaction, { type, keyId, data }: Event, now: Date): Promise<void> {
  if (type !== NOTICE_EVENT_TYPE || keyId === null) return;
  const { stopsAt, threshold } = data as { stopsAt: string; threshold: string };
  const length = parseDuration(threshold);
  if ('problem' in length) return;
  await markNoticesDelivered(tx, [{ keyId, stopsAt: new Date(stopsAt), thresholdMs: BigInt(length.ms) }], now);
}
