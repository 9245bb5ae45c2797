import type { Event } from '../../../prisma/generated/client/client.ts';
import { readRetryAfter } from '../../domain/retry.ts';
import type { Core } from '../../store/core.ts';
import { openWebhookSecret } from '../webhook-secrets.ts';
import type { WebhookCore } from '../webhook-core.ts';
import type { LeasedWebhook } from './lease.ts';
import { TIMEOUT_ERROR, postWebhook, type WebhookResponse } from './post-webhook.ts';
import { signWebhook } from '../signature.ts';
import { encodeCursor } from '../../log/cursor.ts';
import { checkUntilAborted } from '../../outbound/ssrf-guard.ts';

/** The outcomes of an attempt. REFUSED: the SSRF guard forbids the address. GONE: the receiver answered 410. */
export const attemptOutcomes = ['DELIVERED', 'FAILED', 'REFUSED', 'GONE'] as const;

/** An attempt that was made. */
export interface DeliveryAttempt {
  readonly outcome: (typeof attemptOutcomes)[number];
  readonly at: Date;
  readonly durationMs: number;
  readonly status: number | null;
  /** Null: the event was delivered. */
  readonly error: string | null;
  /** The Retry-After of an overloaded receiver; null: none. */
  readonly retryAfterMs: number | null;
}

/** The statuses whose Retry-After counts: 429 and 503 (RFC 6585 section 4, RFC 9110 section 15.6.4). */
const overloadStatuses: readonly (number | null)[] = [429, 503];

const GONE = 410;

/**
 * Sends an event once. The webhook's host is resolved again. The request goes only to addresses that passed the SSRF
 * guard, which prevents DNS rebinding. The limit covers the whole attempt, in ms of the machine's monotonic clock: it
 * must not depend on the gateway's clock.
 */
export async function attemptDelivery(
  core: WebhookCore,
  { webhook }: LeasedWebhook,
  event: Event,
  timeoutMs: number,
): Promise<DeliveryAttempt> {
  const at = core.clock.now();
  const startedMs = performance.now();
  const signal = AbortSignal.timeout(timeoutMs);
  const checked = await checkUntilAborted(core.webhookSsrfGuard, webhook.url, signal);
  if (checked === null) return finishAttempt(core, at, startedMs, { status: null, error: TIMEOUT_ERROR }, 'FAILED');
  if ('problem' in checked)
    return finishAttempt(core, at, startedMs, { status: null, error: checked.problem }, 'REFUSED');
  const body = webhookPayload(event, await slugOf(core, event.realmId));
  const secrets = webhook.secrets.map((row) => openWebhookSecret(core, row));
  const signed = signWebhook(event.id, body, at, secrets);
  const headers = { 'content-type': 'application/json', 'user-agent': 'Keytide', ...signed };
  const response = await postWebhook({ url: webhook.url, addresses: checked.addresses, headers, body, signal });
  return finishAttempt(core, at, startedMs, response, outcomeOfStatus(response.status));
}

function finishAttempt(
  { clock }: Core,
  at: Date,
  startedMs: number,
  response: WebhookResponse,
  outcome: DeliveryAttempt['outcome'],
): DeliveryAttempt {
  const { status } = response;
  const error = status === null ? response.error : `The receiver answered ${status}.`;
  const header = status !== null && overloadStatuses.includes(status) ? response.retryAfter : undefined;
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

/**
 * Returns the payload of an event as JSON, in the structure that Standard Webhooks 1.0.0 recommends ("Payload
 * structure"). `data` is the event, with the field names of GraphQL. The bytes are the same at every attempt.
 */
function webhookPayload(event: Event, realm: string | null): string {
  const { id, type, keyId, ownerId, reason, data } = event;
  const at = event.at.toISOString();
  return JSON.stringify({
    type,
    timestamp: at,
    data: {
      id,
      cursor: encodeCursor(event.position),
      type,
      at,
      recordedAt: event.recordedAt.toISOString(),
      keyId,
      realm,
      ownerId,
      actor: { kind: event.actorKind, id: event.actorId, name: event.actorName },
      reason,
      data,
    },
  });
}
