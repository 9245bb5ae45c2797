import type { Webhook } from '../../prisma/generated/client/client.ts';
import { DAY_MS, WEEK_MS } from '../domain/duration.ts';
import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { addMs } from '../domain/key.ts';
import type { Delivery } from '../log/idempotency.ts';
import { useCase } from '../log/use-case.ts';
import { lockWebhookForCaller, refuseEnded } from './open-webhook.ts';
import { createWebhookSecret } from './webhook-secrets.ts';
import { webhookSubject, revokeLease } from './stored-webhook.ts';

/** How long the old secrets go on signing beside the new ones, unless it is said, and at most. */
const DEFAULT_GRACE_MS = DAY_MS;
const LONGEST_GRACE_MS = 4 * WEEK_MS;

export interface RotateWebhookSecretInput {
  readonly webhookId: string;
  readonly gracePeriodMs: number | null;
}

export type WebhookSecretRotated = {
  readonly webhookId: string;
  readonly delivery: Delivery;
  readonly previousRetiresAt: Date;
};

/** Gives a webhook new secrets. Through the grace period each request is signed with the old and the new ones. */
export const rotateWebhookSecret = useCase<RotateWebhookSecretInput, Webhook, WebhookSecretRotated>({
  name: 'rotateWebhookSecret',

  authorize: (change, caller, { webhookId }) => lockWebhookForCaller(change, caller, webhookId),

  async run(change, caller, { gracePeriodMs }, webhook) {
    const graceMs = gracePeriodMs ?? DEFAULT_GRACE_MS;
    if (graceMs > LONGEST_GRACE_MS) {
      return fail('GracePeriodOutOfBounds', 'The grace period is longer than 28 days.', {
        path: ['input', 'gracePeriod'],
      });
    }
    const refused = refuseEnded(webhook);
    if (refused !== null) return refused;
    const { tx } = change;
    const { id: webhookId } = webhook;
    const now = change.now();
    const previousRetiresAt = addMs(now, graceMs);
    await tx.webhookSecret.deleteMany({ where: { webhookId, retiresAt: { lte: now } } });
    const newest = await tx.webhookSecret.findFirstOrThrow({ where: { webhookId }, orderBy: { generation: 'desc' } });
    const later = { OR: [{ retiresAt: null }, { retiresAt: { gt: previousRetiresAt } }] };
    await tx.webhookSecret.updateMany({ where: { webhookId, ...later }, data: { retiresAt: previousRetiresAt } });
    const generation = newest.generation + 1;
    const text = await createWebhookSecret(change, webhookId, generation, now);
    await tx.webhook.update({ where: { id: webhookId }, data: { changedAt: now, ...revokeLease(now) } });
    const data = { webhookId, generation, previousRetiresAt: previousRetiresAt.toISOString() };
    change.record({
      type: 'WEBHOOK_SECRET_ROTATED',
      at: now,
      ...webhookSubject(webhook),
      actor: actorOf(caller),
      data,
    });
    return { webhookId, delivery: { of: webhookId, text }, previousRetiresAt };
  },
});
