import type { Event } from '../../../prisma/generated/client/client.ts';
import { readRetryAfter } from '../../domain/retry.ts';
import type { Core } from '../../store/core.ts';
import { openWebhookSecret } from '../../webhooks/secrets.ts';
import { checkInTime } from '../../outbound/check-in-time.ts';
import type { WebhookCore } from '../../webhooks/webhook-core.ts';
import { bodyOf } from './body.ts';
import type { Leased } from './lease.ts';
import { LATE, post, type Answer } from './post.ts';
import { signedHeaders } from './sign.ts';

/** What an attempt can come to. REFUSED: its address may not be reached. GONE: the receiver wants nothing any more. */
export const attemptOutcomes = ['DELIVERED', 'FAILED', 'REFUSED', 'GONE'] as const;

/** An attempt that was made. */
export interface Attempt {
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
const overloaded: readonly (number | null)[] = [429, 503];

const GONE = 410;

/**
 * Sends an event once, to where the webhook's host is at this moment. The limit is in ms of the machine's own time, for all
 * of it: whether a network answers has nothing to do with what time it is.
 */
export async function attempt(core: WebhookCore, { webhook }: Leased, event: Event, limitMs: number): Promise<Attempt> {
  const at = core.clock.now();
  const startedMs = performance.now();
  const signal = AbortSignal.timeout(limitMs);
  const checked = await checkInTime(core.webhookAddresses, webhook.url, signal);
  if (checked === null) return ended(core, at, startedMs, { status: null, error: LATE }, 'FAILED');
  if ('problem' in checked) return ended(core, at, startedMs, { status: null, error: checked.problem }, 'REFUSED');
  const body = bodyOf(event, await slugOf(core, event.realmId));
  const secrets = webhook.secrets.map((row) => openWebhookSecret(core, row));
  const signed = signedHeaders(event.id, body, at, secrets);
  const headers = { 'content-type': 'application/json', 'user-agent': 'Keytide', ...signed };
  const answer = await post({ url: webhook.url, addresses: checked.addresses, headers, body, signal });
  return ended(core, at, startedMs, answer, outcomeOf(answer.status));
}

function ended({ clock }: Core, at: Date, startedMs: number, answer: Answer, outcome: Attempt['outcome']): Attempt {
  const { status } = answer;
  const error = status === null ? answer.error : `The receiver answered ${status}.`;
  const header = status !== null && overloaded.includes(status) ? answer.retryAfter : undefined;
  return {
    outcome,
    at,
    durationMs: Math.round(performance.now() - startedMs),
    status,
    error: outcome === 'DELIVERED' ? null : error,
    retryAfterMs: readRetryAfter(header, clock.now()),
  };
}

function outcomeOf(status: number | null): Attempt['outcome'] {
  if (status === GONE) return 'GONE';
  return status !== null && status >= 200 && status < 300 ? 'DELIVERED' : 'FAILED';
}

async function slugOf({ prisma }: Core, realmId: string | null): Promise<string | null> {
  if (realmId === null) return null;
  return (await prisma.realm.findUnique({ where: { id: realmId }, select: { slug: true } }))?.slug ?? null;
}
