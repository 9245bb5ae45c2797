import type { Webhook } from '../../prisma/generated/client/client.ts';
import { DAY_MS, formatDuration, WEEK_MS } from '../domain/duration.ts';
import { actorOf } from '../domain/event.ts';
import { fail } from '../domain/failure.ts';
import { addMs } from '../domain/key.ts';
import { nextGeneration } from '../domain/rotation.ts';
import type { Delivery } from '../log/idempotency.ts';
import { useCase } from '../log/use-case.ts';
import { lockWebhookForCaller, refuseEnded } from './open-webhook.ts';
import { createWebhookSecret } from './webhook-secrets.ts';
import { webhookSubject, revokeLease } from './stored-webhook.ts';

/** How long the old secret signs beside the new one, by default and at most. */
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

/** Rotates the secret of a webhook. During the grace period each request is signed with the old and the new secret. */
export const rotateWebhookSecret = useCase<RotateWebhookSecretInput, Webhook, WebhookSecretRotated>()({
  name: 'rotateWebhookSecret',

  authorize: (change, caller, { webhookId }) => lockWebhookForCaller(change, caller, webhookId),

  async run(change, caller, { gracePeriodMs }, webhook) {
    const graceMs = gracePeriodMs ?? DEFAULT_GRACE_MS;
    if (graceMs > LONGEST_GRACE_MS) {
      const [found, longest] = [formatDuration(graceMs), formatDuration(LONGEST_GRACE_MS)];
      return fail('GracePeriodOutOfBounds', `gracePeriod: found ${found}; expected PT0S to ${longest}.`, {
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
    const retiringLater = { OR: [{ retiresAt: null }, { retiresAt: { gt: previousRetiresAt } }] };
    await tx.webhookSecret.updateMany({
      where: { webhookId, ...retiringLater },
      data: { retiresAt: previousRetiresAt },
    });
    const generation = nextGeneration([newest]);
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
