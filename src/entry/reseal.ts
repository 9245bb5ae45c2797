import { systemActor } from '../domain/event.ts';
import { nextGeneration } from '../domain/rotation.ts';
import { change, type Change } from '../log/change.ts';
import { createLogger } from '../logging/logger.ts';
import { readSettings } from '../settings/settings.ts';
import type { Core } from '../store/core.ts';
import { systemRandom } from '../store/random.ts';
import { createWebhookSecret } from '../webhooks/webhook-secrets.ts';
import { idleColumns, webhookSubject } from '../webhooks/stored-webhook.ts';
import { openDatabase } from './open-database.ts';

/** Why a webhook was paused; its owner reads it. */
const PAUSE_REASON =
  'The gateway lost the key that sealed the secret of this webhook. Rotate the secret, give the new one to the receiver, then resume.';

/** How many values of each kind were given up, because they were sealed under another key. */
export interface ResealResult {
  readonly signingKeys: number;
  readonly webhooks: number;
  readonly repeatableSecrets: number;
  /** Foreign secrets whose digests are MACs under the lost key. Their keys stay, but their secrets verify no more. */
  readonly foreignSecrets: number;
}

/**
 * Gives up every value in the configured database that was sealed under another key than the configured one, so that
 * the gateway starts again. All nodes must be stopped.
 *
 * Throws what openDatabase throws.
 */
export async function reseal(env: NodeJS.ProcessEnv, write: (line: string) => void): Promise<ResealResult> {
  const settings = readSettings(env);
  const { logFormat: format } = settings;
  const logger = createLogger({ level: 'warn', format, isTerminal: false, isColored: false, write });
  const random = systemRandom;
  const { store, clock, sealer, close } = await openDatabase(settings, logger, random, { acceptsOtherSeals: true });
  try {
    return await removeOtherSeals({ prisma: store.prisma, clock, random, sealer });
  } finally {
    await close();
  }
}

/**
 * Deletes signing keys, so that sessions end; replaces the secrets of webhooks and pauses those webhooks; and deletes
 * the secrets that could be repeated under an idempotency key. Keys and everything else stay.
 */
export async function removeOtherSeals(core: Core): Promise<ResealResult> {
  const id = Buffer.from(core.sealer.keyId, 'hex');
  return await change(core, async (change) => {
    const { tx } = change;
    const signingKeys = await tx.$executeRaw`
      DELETE FROM "SigningKey" WHERE substring("sealedPrivate" FROM 2 FOR 4) <> ${id}`;
    const repeatableSecrets = await tx.$executeRaw`
      UPDATE "IdempotencyRecord" SET sealed = NULL WHERE substring(sealed FROM 2 FOR 4) <> ${id}`;
    const lost = await tx.$queryRaw<{ id: string }[]>`
      SELECT DISTINCT "webhookId" AS id FROM "WebhookSecret" WHERE substring("sealedSecret" FROM 2 FOR 4) <> ${id} ORDER BY 1`;
    for (const webhook of lost) await replaceSecret(change, webhook.id);
    // A digest does not say which key it was made with: those that are there when the key changes are lost.
    const foreignSecrets = signingKeys === 0 ? 0 : await countSealedDigests(change);
    return { signingKeys, webhooks: lost.length, repeatableSecrets, foreignSecrets };
  });
}

/** Counts the secrets, of keys that have not ended, whose digest is a MAC under the sealing key. */
async function countSealedDigests({ tx, now }: Change): Promise<number> {
  const at = now();
  const [row] = await tx.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM "Secret" s JOIN "Key" k ON k.id = s."keyId"
    LEFT JOIN "KeyImport" i ON i."keyId" = k.id AND i."isAnnounced" AND i."adoptedAt" IS NULL
    WHERE s.form = 'FOREIGN_SEALED' AND i."keyId" IS NULL AND k."revokedAt" IS NULL AND k."expiredAt" IS NULL
      AND (s."retiresAt" IS NULL OR s."retiresAt" > ${at})`;
  return row?.count ?? 0;
}

async function replaceSecret(change: Change, webhookId: string): Promise<void> {
  const { tx } = change;
  const webhook = await tx.webhook.findUniqueOrThrow({ where: { id: webhookId } });
  const secrets = await tx.webhookSecret.findMany({ where: { webhookId } });
  const at = change.now();
  await tx.webhookSecret.deleteMany({ where: { webhookId } });
  const generation = nextGeneration(secrets);
  await createWebhookSecret(change, webhookId, generation, at);
  const event = { at, ...webhookSubject(webhook), actor: systemActor };
  const data = { webhookId, generation, previousRetiresAt: at.toISOString() };
  change.record({ type: 'WEBHOOK_SECRET_ROTATED', ...event, data });
  if (webhook.state !== 'ACTIVE') return;
  await tx.webhook.update({
    where: { id: webhookId },
    data: { state: 'PAUSED', reason: PAUSE_REASON, changedAt: at, ...idleColumns },
  });
  change.record({ type: 'WEBHOOK_PAUSED', ...event, reason: PAUSE_REASON, data: { webhookId } });
}
