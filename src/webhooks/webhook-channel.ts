import type { LabelInput } from '../keys/check-labels.ts';
import type { NoticeChannel } from '../keys/notice-channel.ts';
import type { Event } from '../../prisma/generated/client/client.ts';
import { markNoticesDelivered } from '../keys/mark-notices-delivered.ts';
import type { Transaction } from '../store/core.ts';
import { parseDuration } from '../domain/duration.ts';
import type { EventType } from '../domain/event.ts';

/** The type of the event that carries a notice of a stop, and all types that carry any notice. */
const NOTICE_EVENT_TYPE = 'KEY_EXPIRING';
const noticeEventTypes: readonly string[] = [NOTICE_EVENT_TYPE, 'KEY_STOPS_BEFORE_NEXT_USE'] satisfies EventType[];

/**
 * The notice channel of webhooks: a notice is owed if it matches a webhook's filter, even while that webhook is paused.
 */
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
    const hasLabel = (keyId: string, wanted: LabelInput) =>
      labelled.some((label) => label.keyId === keyId && label.name === wanted.name && label.value === wanted.value);
    const isOwed = ({ id, realmId, ownerId }: (typeof keys)[number]) =>
      webhooks.some(
        (webhook) =>
          [webhook.accountId, webhook.organizationId, webhook.realmId].some((of) => of === ownerId || of === realmId) &&
          (webhook.keyIds.length === 0 || webhook.keyIds.includes(id)) &&
          (webhook.labels as unknown as readonly LabelInput[]).every((label) => hasLabel(id, label)),
      );
    return new Set(keys.filter(isOwed).map(({ id }) => id));
  },
};

/** Records the delivery of a notice, if the event that a receiver accepted carries one. */
export async function recordNoticeDelivery(tx: Transaction, { type, keyId, data }: Event, now: Date): Promise<void> {
  if (!noticeEventTypes.includes(type) || keyId === null) return;
  const { stopsAt, threshold } = data as { stopsAt: string; threshold: string };
  const duration = parseDuration(threshold);
  if ('problem' in duration) return;
  await markNoticesDelivered(tx, [{ keyId, stopsAt: new Date(stopsAt), thresholdMs: BigInt(duration.ms) }], now);
}
