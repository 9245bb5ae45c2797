import type { Event } from '../../../prisma/generated/client/client.ts';
import { readRetryAfter } from '../../domain/retry.ts';
import type { Core } from '../../store/core.ts';
import { openWebhookSecret } from '../../webhooks/webhook-secrets.ts';
import { checkUntilAborted } from '../../outbound/check-until-aborted.ts';
import type { WebhookCore } from '../../webhooks/webhook-core.ts';
import { webhookPayload } from './payload.ts';
import type { LeasedWebhook } from './lease.ts';
import { TIMEOUT_ERROR, postWebhook, type WebhookResponse } from './post-webhook.ts';
import { signWebhook } from './sign-webhook.ts';

/** What an attempt can come to. REFUSED: its address may not be reached. GONE: the receiver wants nothing any more. */
export const attemptOutcomes = ['DELIVERED', 'FAILED', 'REFUSED', 'GONE'] as const;

/** An attempt that was made. */
export interface DeliveryAttempt {
  readonly outcome: (typeof attemptOutcomes)[number];
  readonly at: Date;
  readonly durationMs: number;
  readonly status: number | null;
  /** Null: it was delivered. */
  readonly error: string | null;
  /** What the receiver asks for, of one that has too much to do. */
  readonly retryAfterMs: number | null;
}

/** Answers whose Retry-After counts: 429 and 503 (RFC 6585 section 4, RFC 9110 section 15.6.4). */
const overloadStatuses: readonly (number | null)[] = [429, 503];

const GONE = 410;

/**
 * Sends an event once, to where the webhook's host is at this moment. The limit is in ms of the machine's own time, for all
 * of it: whether a network answers has nothing to do with what time it is.
 */
export async function attemptDelivery(
  core: WebhookCore,
  { webhook }: LeasedWebhook,
  event: Event,
  limitMs: number,
): Promise<DeliveryAttempt> {
  const at = core.clock.now();
  const startedMs = performance.now();
  const signal = AbortSignal.timeout(limitMs);
  const checked = await checkUntilAborted(core.webhookSsrfGuard, webhook.url, signal);
  if (checked === null) return finishAttempt(core, at, startedMs, { status: null, error: TIMEOUT_ERROR }, 'FAILED');
  if ('problem' in checked)
    return finishAttempt(core, at, startedMs, { status: null, error: checked.problem }, 'REFUSED');
  const body = webhookPayload(event, await slugOf(core, event.realmId));
  const secrets = webhook.secrets.map((row) => openWebhookSecret(core, row));
  const signed = signWebhook(event.id, body, at, secrets);
  const headers = { 'content-type': 'application/json', 'user-agent': 'Keytide', ...signed };
  const answer = await postWebhook({ url: webhook.url, addresses: checked.addresses, headers, body, signal });
  return finishAttempt(core, at, startedMs, answer, outcomeOfStatus(answer.status));
}

function finishAttempt(
  { clock }: Core,
  at: Date,
  startedMs: number,
  answer: WebhookResponse,
  outcome: DeliveryAttempt['outcome'],
): DeliveryAttempt {
  const { status } = answer;
  const error = status === null ? answer.error : `The receiver answered ${status}.`;
  const header = status !== null && overloadStatuses.includes(status) ? answer.retryAfter : undefined;
  return {
    outcome,
    at,
    durationMs: Math.round(performance.now() - startedMs),
    status,
    error: outcome === 'DELIVERED' ? null : error,
    retryAfterMs: readRetryAfter(header, clock.now()),
  };
}

function outcomeOfStatus(status: number | null): DeliveryAttempt['outcome'] {
  if (status === GONE) return 'GONE';
  return status !== null && status >= 200 && status < 300 ? 'DELIVERED' : 'FAILED';
}

async function slugOf({ prisma }: Core, realmId: string | null): Promise<string | null> {
  if (realmId === null) return null;
  return (await prisma.realm.findUnique({ where: { id: realmId }, select: { slug: true } }))?.slug ?? null;
}
