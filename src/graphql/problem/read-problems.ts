import type { Caller } from '../../domain/caller.ts';
import { stalledKeys } from '../../keys/key-conditions.ts';
import { liveKeys } from '../../keys/live-keys.ts';
import { keyCondition } from '../../store/where-sql.ts';
import { visibleKeys } from '../../keys/visible-keys.ts';
import { visiblePolicyFilter } from '../../realms/visible-realms.ts';
import { visibleWebhooks } from '../../webhooks/stored-webhook.ts';
import type { Reader } from '../context.ts';

/** What goes wrong until a person acts, and what it is about. */
export type ProblemKind =
  | 'NOTICE_NOT_DELIVERED'
  | 'STOPS_BEFORE_NEXT_USE'
  | 'WEBHOOK_PAUSED'
  | 'POLICY_BROKEN'
  | 'BRAKE_ENGAGED'
  | 'ROTATION_STALLED';

export interface ProblemRow {
  readonly kind: ProblemKind;
  readonly since: Date;
  /** The id of the key, the webhook, the binding or the brake. */
  readonly id: string;
}

/** Reads the newest problems that a caller may see, at most `take`: one statement for each kind. */
export async function readProblems(
  db: Reader,
  caller: Caller,
  { now, take, kinds }: { readonly now: Date; readonly take: number; readonly kinds: ReadonlySet<ProblemKind> },
): Promise<ProblemRow[]> {
  const rows: ProblemRow[] = [];
  const add = (kind: ProblemKind, found: readonly { readonly id: string; readonly since: Date | null }[]) => {
    rows.push(...found.map(({ id, since }) => ({ kind, id, since: since ?? now })));
  };
  const live = liveKeys(now);
  if (kinds.has('NOTICE_NOT_DELIVERED')) {
    const notices = await db.notice.findMany({
      where: {
        failedAt: { not: null },
        deliveredAt: null,
        stopsAt: { gt: now },
        key: { AND: [visibleKeys(caller), live] },
      },
      select: { keyId: true, failedAt: true },
      orderBy: [{ failedAt: 'desc' }, { keyId: 'asc' }],
      distinct: ['keyId'],
      take,
    });
    add(
      'NOTICE_NOT_DELIVERED',
      notices.map(({ keyId: id, failedAt: since }) => ({ id, since })),
    );
  }
  if (kinds.has('STOPS_BEFORE_NEXT_USE')) {
    const isVisible = keyCondition({ AND: [visibleKeys(caller), live] });
    const keys = await db.$queryRaw<{ id: string; since: Date }[]>`
      SELECT k.id, min(n."givenAt") AS since
      FROM "Notice" n JOIN "Key" k ON k.id = n."keyId" AND k."stopsAt" = n."stopsAt"
      WHERE n."nextUseFrom" IS NOT NULL AND n."stopsAt" > ${now} AND ${isVisible}
      GROUP BY k.id ORDER BY since DESC, k.id LIMIT ${take}`;
    add('STOPS_BEFORE_NEXT_USE', keys);
  }
  if (kinds.has('WEBHOOK_PAUSED')) {
    const webhooks = await db.webhook.findMany({
      where: { AND: [visibleWebhooks(caller), { state: 'PAUSED' }] },
      select: { id: true, changedAt: true },
      orderBy: [{ changedAt: 'desc' }, { id: 'asc' }],
      take,
    });
    add(
      'WEBHOOK_PAUSED',
      webhooks.map(({ id, changedAt: since }) => ({ id, since })),
    );
  }
  if (kinds.has('POLICY_BROKEN')) {
    const bindings = await db.binding.findMany({
      where: { ...visiblePolicyFilter(caller), health: 'BROKEN', unboundAt: null },
      select: { id: true, brokenAt: true },
      orderBy: [{ brokenAt: 'desc' }, { id: 'asc' }],
      take,
    });
    add(
      'POLICY_BROKEN',
      bindings.map(({ id, brokenAt: since }) => ({ id, since })),
    );
  }
  if (kinds.has('BRAKE_ENGAGED')) {
    const brakes = await db.brake.findMany({
      where: { ...visiblePolicyFilter(caller), state: 'ENGAGED' },
      select: { id: true, engagedAt: true },
      orderBy: [{ engagedAt: 'desc' }, { id: 'asc' }],
      take,
    });
    add(
      'BRAKE_ENGAGED',
      brakes.map(({ id, engagedAt: since }) => ({ id, since })),
    );
  }
  if (kinds.has('ROTATION_STALLED')) {
    const keys = await db.key.findMany({
      where: { AND: [visibleKeys(caller), live, stalledKeys(now)] },
      select: { id: true, rotationStartedAt: true },
      orderBy: [{ rotationStartedAt: 'desc' }, { id: 'asc' }],
      take,
    });
    add(
      'ROTATION_STALLED',
      keys.map(({ id, rotationStartedAt: since }) => ({ id, since })),
    );
  }
  return rows.toSorted((a, b) => b.since.getTime() - a.since.getTime() || (a.id < b.id ? -1 : 1)).slice(0, take);
}
