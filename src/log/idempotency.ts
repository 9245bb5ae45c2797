import { hash } from 'node:crypto';
import { Prisma, type IdempotencyRecord } from '../../prisma/generated/client/client.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import { callerName, type Caller } from '../domain/caller.ts';
import { DAY_MS } from '../domain/duration.ts';
import { kindOf } from '../domain/id.ts';
import { hasCome } from '../domain/key.ts';
import { Sensitive } from '../domain/sensitive.ts';
import type { Change } from './change.ts';
import { decodeResult, encodeResult } from './stored-result.ts';

/** How long a repeated request gets the secret of its result again, unless the secret is used first. */
export const SECRET_REPLAY_MS = DAY_MS;

/** Retention of results. A request with the same idempotency key after that is a new request. */
export const RESULT_RETENTION_MS = 30 * DAY_MS;

/** The result of a successful use case: facts by name. */
export interface Success {
  readonly [fact: string]: string | Date | boolean | null | Delivery | readonly string[] | readonly object[];
}

/** A secret on its way to the one caller that it is shown to. */
export interface Delivery {
  /** Null if it cannot be shown again. */
  readonly text: Sensitive<string> | null;
  /** Id of the secret, invitation, webhook or portal session that it belongs to. */
  readonly of: string;
}

/** A change requested under an idempotency key. */
export interface IdempotentRequest {
  readonly mutation: string;
  readonly caller: Caller;
  readonly idempotencyKey: string;
  readonly input: object;
  readonly guessable: readonly string[];
}

/**
 * Claims the record of a request, as the first statement of its transaction: a concurrent duplicate waits here and then
 * finds the stored result. Returns NEW, CONFLICT if the same idempotency key came with another input, or the stored
 * record. A stored failure, which only an earlier release wrote, counts as no record.
 */
export async function claimRequest(
  change: Change,
  request: IdempotentRequest,
): Promise<'NEW' | 'CONFLICT' | IdempotencyRecord> {
  const { tx, core } = change;
  const digest = requestDigest(request);
  const inputDigest = digestOf(canonicalJson(maskGuessable(change, request)));
  const now = core.clock.now();
  const insertedCount = await tx.$executeRaw`
    INSERT INTO "IdempotencyRecord" (digest, "inputDigest", "createdAt") VALUES (${digest}, ${inputDigest}, ${now})
    ON CONFLICT (digest) DO UPDATE SET "inputDigest" = ${inputDigest}, "createdAt" = ${now}, answer = NULL, sealed = NULL
      WHERE "IdempotencyRecord"."createdAt" <= ${new Date(now.getTime() - RESULT_RETENTION_MS)}
         OR "IdempotencyRecord".answer ? 'failure'`;
  if (insertedCount === 1) return 'NEW';
  const record = await tx.idempotencyRecord.findUniqueOrThrow({ where: { digest } });
  return Buffer.from(record.inputDigest).equals(inputDigest) ? record : 'CONFLICT';
}

/**
 * Deletes the claimed record of a request that was refused: it changed nothing, so a repeated request is evaluated again,
 * also with another input.
 */
export async function releaseRequest({ tx }: Change, request: IdempotentRequest): Promise<void> {
  await tx.idempotencyRecord.delete({ where: { digest: requestDigest(request) }, select: { digest: true } });
}

/**
 * Stores the result of a successful request. A secret in it is sealed under a key derived from the idempotency key, the caller and
 * the sealing key; the row holds neither the idempotency key nor the sealing key.
 */
export function storeResult({ core, rows }: Change, request: IdempotentRequest, result: Success): void {
  const text = textOf(result);
  const sealed = text === null ? null : core.sealer.derive('repeat', ...sealingParts(request)).seal(text, 'repeat');
  const secretId = deliveryOf(result)?.of ?? null;
  const answer = JSON.stringify(encodeResult(result));
  rows.add(
    (after) => Prisma.sql`
      UPDATE "IdempotencyRecord" SET answer = ${answer}::jsonb, "secretId" = ${secretId}, sealed = ${sealed}
      WHERE digest = ${requestDigest(request)} AND ${after}`,
  );
}

/** Returns the stored result. It includes each secret for a day, until the secret's first use. */
export async function replayResult<S extends Success>(
  change: Change,
  request: IdempotentRequest,
  record: IdempotencyRecord,
): Promise<S> {
  const result = decodeResult(record.answer as Record<string, unknown>);
  const [delivery, deliveries] = [deliveryOf(result as Success), deliveriesOf(result as Success)];
  if (delivery === undefined && deliveries === undefined) return result as S;
  const isOld = change.now().getTime() - record.createdAt.getTime() >= SECRET_REPLAY_MS;
  const open = () =>
    record.sealed === null || isOld
      ? null
      : change.core.sealer.derive('repeat', ...sealingParts(request)).open(record.sealed, 'repeat');
  if (deliveries !== undefined) {
    const texts = JSON.parse(open() ?? '[]') as readonly string[];
    const used = await findUsedSecrets(
      change,
      deliveries.map(({ of }) => of),
    );
    const repeated = deliveries.map(({ of }, index) => repeatDelivery(of, used.has(of) ? null : texts[index]));
    return { ...result, deliveries: repeated } as unknown as S;
  }
  const of = delivery?.of ?? '';
  const text = open();
  const isGone = text === null || (await isSecretUsed(change, of));
  return { ...result, delivery: repeatDelivery(of, isGone ? null : text) } as unknown as S;
}

function repeatDelivery(of: string, text: string | null | undefined): Delivery {
  return { of, text: text == null ? null : new Sensitive(text) };
}

function sealingParts(request: IdempotentRequest): string[] {
  return [request.idempotencyKey, callerName(request.caller)];
}

function deliveryOf(result: Success): Delivery | undefined {
  return result['delivery'] as Delivery | undefined;
}

function deliveriesOf(result: Success): readonly Delivery[] | undefined {
  return result['deliveries'] as readonly Delivery[] | undefined;
}

/** Returns what is to be sealed: the one secret of a result, or all of them as a JSON list; null: it has none. */
function textOf(result: Success): string | null {
  const deliveries = deliveriesOf(result);
  if (deliveries === undefined) return deliveryOf(result)?.text?.reveal() ?? null;
  return JSON.stringify(deliveries.map(({ text }) => text?.reveal() ?? null));
}

async function findUsedSecrets({ tx }: Change, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const where = { id: { in: [...ids] }, firstUsedAt: { not: null } };
  return new Set((await tx.secret.findMany({ where, select: { id: true } })).map(({ id }) => id));
}

async function isSecretUsed({ tx, now }: Change, id: string): Promise<boolean> {
  if (kindOf(id) === 'invitation') {
    const { acceptedAt, expiresAt } = await tx.invitation.findUniqueOrThrow({ where: { id } });
    // A withdrawn invitation has expired.
    return acceptedAt !== null || hasCome(expiresAt, now());
  }
  // Only the gateway uses the secret of a webhook, and not after the webhook has ended.
  if (kindOf(id) === 'webhook') return (await tx.webhook.findUniqueOrThrow({ where: { id } })).endedAt !== null;
  // A portal session is deleted 30 days after its end.
  if (kindOf(id) === 'portal') return (await tx.portalSession.findUnique({ where: { id } }))?.firstUsedAt !== null;
  // A dry run is deleted a day after its confirmation expired.
  if (kindOf(id) === 'preview') return (await tx.changePreview.findUnique({ where: { id } }))?.usedAt !== null;
  return (await tx.secret.findUniqueOrThrow({ where: { id } })).firstUsedAt !== null;
}

function requestDigest({ caller, mutation, idempotencyKey }: IdempotentRequest): Buffer<ArrayBuffer> {
  return digestOf(callerName(caller), mutation, idempotencyKey);
}

function digestOf(...parts: string[]): Buffer<ArrayBuffer> {
  return Buffer.from(hash('sha256', JSON.stringify(parts), 'buffer'));
}

/**
 * Replaces guessable fields by a MAC: from a plain digest of a password, a reader of the row could guess the password.
 */
function maskGuessable({ core }: Change, { input, guessable }: IdempotentRequest): object {
  const masked = Object.entries(input).map(([name, value]) =>
    guessable.includes(name)
      ? [name, core.sealer.mac(`input ${name}`, reveal(value)).toString('base64')]
      : [name, value],
  );
  return Object.fromEntries(masked);
}

function reveal(value: unknown): string {
  if (value instanceof Sensitive) return String(value.reveal());
  return typeof value === 'string' ? value : canonicalJson(value);
}
