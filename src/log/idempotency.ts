import { hash } from 'node:crypto';
import type { IdempotencyRecord } from '../../prisma/generated/client/client.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import { callerName, type Caller } from '../domain/caller.ts';
import { DAY_MS } from '../domain/duration.ts';
import { isFailure, type Failure } from '../domain/failure.ts';
import { kindOf } from '../domain/id.ts';
import { Sensitive } from '../domain/sensitive.ts';
import type { Change } from './change.ts';

/** How long the secret of an answer can be repeated, unless it is used before. */
export const SECRET_REPLAY_MS = DAY_MS;

/** How long an answer is kept; an idempotency key used later than that is a new request. */
export const RESULT_RETENTION_MS = 30 * DAY_MS;

/** What a use case answers when it succeeds: facts by name; instants end in At. */
export interface Success {
  readonly [fact: string]: string | Date | boolean | null | Delivery;
}

/** A secret on its way to the one caller that it is shown to. */
export interface Delivery {
  /** Null when it can't be shown again. */
  readonly text: Sensitive<string> | null;
  /** The secret, invitation or webhook that it belongs to. */
  readonly of: string;
}

/** A change asked for under an idempotency key. */
export interface IdempotentRequest {
  readonly mutation: string;
  readonly caller: Caller;
  readonly idempotencyKey: string;
  readonly input: object;
  readonly guessable: readonly string[];
}

/**
 * Takes a request's record, first of all in its transaction: a twin that runs at the same time waits here, and then finds
 * the answer.
 */
export async function claimRequest(
  change: Change,
  request: IdempotentRequest,
): Promise<'NEW' | 'CONFLICT' | IdempotencyRecord> {
  const { tx, core } = change;
  const digest = digestOf(callerName(request.caller), request.mutation, request.idempotencyKey);
  const inputDigest = digestOf(canonicalJson(maskGuessable(change, request)));
  const now = core.clock.now();
  const inserted = await tx.$executeRaw`
    INSERT INTO "IdempotencyRecord" (digest, "inputDigest", "createdAt") VALUES (${digest}, ${inputDigest}, ${now})
    ON CONFLICT (digest) DO UPDATE SET "inputDigest" = ${inputDigest}, "createdAt" = ${now}, answer = NULL, sealed = NULL
      WHERE "IdempotencyRecord"."createdAt" <= ${new Date(now.getTime() - RESULT_RETENTION_MS)}`;
  if (inserted === 1) return 'NEW';
  const record = await tx.idempotencyRecord.findUniqueOrThrow({ where: { digest } });
  return Buffer.from(record.inputDigest).equals(inputDigest) ? record : 'CONFLICT';
}

/** Keeps the answer. A secret in it is sealed under what the caller knows and the gateway holds; the row has neither. */
export async function storeResult(
  change: Change,
  request: IdempotentRequest,
  answer: Success | Failure,
): Promise<void> {
  const digest = digestOf(callerName(request.caller), request.mutation, request.idempotencyKey);
  const delivery = isFailure(answer) ? undefined : deliveryOf(answer);
  const text = delivery?.text;
  await change.tx.idempotencyRecord.update({
    where: { digest },
    data: {
      answer: JSON.parse(JSON.stringify(answer)),
      secretId: delivery?.of ?? null,
      sealed: text ? change.core.sealer.derive('repeat', ...sealingParts(request)).seal(text.reveal(), 'repeat') : null,
    },
  });
}

/** The answer that was kept. Its secret is shown again until its first use, for a day. */
export async function replayResult<S extends Success>(
  change: Change,
  request: IdempotentRequest,
  record: IdempotencyRecord,
): Promise<S | Failure> {
  const answer = restoreInstants(record.answer as Record<string, unknown>);
  const delivery = deliveryOf(answer as Success);
  if (delivery === undefined) return answer as S | Failure;
  const isOld = change.now().getTime() - record.createdAt.getTime() >= SECRET_REPLAY_MS;
  const isGone = record.sealed === null || isOld || (await isSecretUsed(change, delivery.of));
  const text =
    isGone || record.sealed === null
      ? null
      : new Sensitive(change.core.sealer.derive('repeat', ...sealingParts(request)).open(record.sealed, 'repeat'));
  return { ...answer, delivery: { of: delivery.of, text } } as unknown as S;
}

function sealingParts(request: IdempotentRequest): string[] {
  return [request.idempotencyKey, callerName(request.caller)];
}

function deliveryOf(answer: Success): Delivery | undefined {
  return answer['delivery'] as Delivery | undefined;
}

async function isSecretUsed({ tx }: Change, id: string): Promise<boolean> {
  if (kindOf(id) === 'invitation') {
    return (await tx.invitation.findUniqueOrThrow({ where: { id } })).acceptedAt !== null;
  }
  // Whoever signs with a webhook's secret is the gateway: when it has ended, nobody does any more.
  if (kindOf(id) === 'webhook') return (await tx.webhook.findUniqueOrThrow({ where: { id } })).endedAt !== null;
  return (await tx.secret.findUniqueOrThrow({ where: { id } })).firstUsedAt !== null;
}

function digestOf(...parts: string[]): Buffer<ArrayBuffer> {
  return Buffer.from(hash('sha256', JSON.stringify(parts), 'buffer'));
}

/** A plain digest of a password could be guessed by whoever reads the row. */
function maskGuessable({ core }: Change, { input, guessable }: IdempotentRequest): object {
  const masked = Object.entries(input).map(([name, value]) =>
    guessable.includes(name)
      ? [name, core.sealer.mac(`input ${name}`, reveal(value)).toString('base64')]
      : [name, value],
  );
  return Object.fromEntries(masked);
}

function reveal(value: unknown): string {
  return value instanceof Sensitive ? String(value.reveal()) : String(value);
}

/** Instants come back as what they were: their names end in At. */
function restoreInstants(answer: Record<string, unknown>): object {
  const facts = Object.entries(answer).map(([name, value]): [string, unknown] => {
    if (name === 'details') return [name, restoreInstants(value as Record<string, unknown>)];
    const isInstant = typeof value === 'string' && (name.endsWith('At') || name === 'earliest' || name === 'latest');
    return [name, isInstant ? new Date(value) : value];
  });
  return Object.fromEntries(facts);
}
