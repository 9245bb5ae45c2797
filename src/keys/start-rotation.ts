import type { Caller } from '../domain/caller.ts';
import { describeDuration, formatDuration } from '../domain/duration.ts';
import { actorOf } from '../domain/event.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import { earliest } from '../domain/key.ts';
import { nextReviewAt } from '../domain/review.ts';
import { currentSecret, DEFAULT_GRACE_MS, LONGEST_GRACE_MS, retirement } from '../domain/rotation.ts';
import type { Change } from '../log/change.ts';
import type { Delivery } from '../log/idempotency.ts';
import { askPolicy } from '../policies/ask.ts';
import { makeSecret, readRecipient } from './deliver.ts';
import { rotationOf, subjectOf, type StoredKey } from './stored-key.ts';

export interface RotationInput {
  /** Left out: 24 hours. */
  readonly gracePeriodMs?: number | null;
  readonly publicKey?: string | null;
}

export interface RotationStarted {
  readonly delivery: Delivery;
  readonly previousRetiresAt: Date;
}

/**
 * Gives a key a new secret. The old one stays good through the grace period, and never longer than the key itself; a
 * grace of 0 retires it at once. Rotation moves no stop: it never extends a life (law 4).
 */
export async function startRotation(
  change: Change,
  caller: Caller,
  key: StoredKey,
  input: RotationInput,
  now: Date,
): Promise<RotationStarted | Failure> {
  const refused = refuseRotation(caller, key, input, now);
  if (refused !== null) return refused;
  const recipient = readRecipient(input.publicKey);
  if (recipient !== null && isFailure(recipient)) return recipient;
  const made = await makeSecret(change, recipient);
  if (isFailure(made)) return made;

  const { tx, core } = change;
  const graceMs = input.gracePeriodMs ?? DEFAULT_GRACE_MS;
  const old = currentSecret(key.secrets);
  const retiresAt = retirement(now, graceMs, key.expiryBasis === 'HARD' ? key.expiresAt : null);
  const secretId = newId('secret', now, core.random);
  const generation = Math.max(...key.secrets.map((secret) => secret.generation)) + 1;
  await tx.secret.update({ where: { id: old.id }, data: { retiresAt } });
  await tx.secret.create({
    data: {
      id: secretId,
      keyId: key.id,
      generation,
      digest: Buffer.from(made.secret.digest()),
      start: made.secret.start,
      createdAt: now,
    },
  });
  const rotation = graceMs === 0 ? null : { retiresAt, graceMs, wasExtended: false, isStalled: false };
  await tx.key.update({
    where: { id: key.id },
    data: {
      rotationStartedAt: rotation && now,
      rotationGraceMs: rotation && BigInt(graceMs),
      rotationExtended: false,
      reviewAt: earliest(key.reviewAt, nextReviewAt({ ...key, rotation }, askPolicy(key, now), now)),
    },
  });
  const told = { at: now, ...subjectOf(key), actor: actorOf(caller) };
  change.tell({
    ...told,
    type: 'KEY_ROTATION_STARTED',
    data: { generation, previousRetiresAt: retiresAt.toISOString(), gracePeriod: formatDuration(graceMs) },
  });
  if (rotation === null) {
    change.tell({
      ...told,
      type: 'KEY_ROTATION_COMPLETED',
      data: { generation: old.generation, by: 'NO_GRACE_PERIOD' },
    });
  }
  return { delivery: { of: secretId, text: made.text }, previousRetiresAt: retiresAt };
}

/** Why a key cannot be rotated by this caller now; null: it can. */
export function refuseRotation(
  caller: Caller,
  key: StoredKey,
  { gracePeriodMs }: RotationInput,
  now: Date,
): Failure | null {
  if (
    gracePeriodMs !== null &&
    gracePeriodMs !== undefined &&
    (gracePeriodMs < 0 || gracePeriodMs > LONGEST_GRACE_MS)
  ) {
    const found = `The grace period is ${describeDuration(gracePeriodMs)}; it may be from 0 to ${describeDuration(LONGEST_GRACE_MS)}.`;
    return fail('GracePeriodOutOfBounds', found, { path: ['input', 'gracePeriod'] });
  }
  const pending = rotationOf(key, now);
  if (pending !== null || (caller.kind === 'KEY' && !caller.isCurrent)) {
    const until = pending?.retiring.retiresAt ?? null;
    return fail('RotationPending', `A rotation is pending${until === null ? '' : ` until ${until.toISOString()}`}.`, {
      details: { previousRetiresAt: until },
    });
  }
  return null;
}
