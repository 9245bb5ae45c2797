import { answerAskedRotation, openAskedAt } from '../domain/asked-rotation.ts';
import { hardEndOf } from '../domain/life.ts';
import { callerName, type Caller } from '../domain/caller.ts';
import { isSelfRenewal } from '../domain/automation.ts';
import { formatDuration } from '../domain/duration.ts';
import { actorOf } from '../domain/event.ts';
import { fail, isFailure, type Failure } from '../domain/failure.ts';
import { newId } from '../domain/id.ts';
import { earliest, latest } from '../domain/key.ts';
import {
  findCurrentSecret,
  DEFAULT_GRACE_MS,
  LONGEST_GRACE_MS,
  nextGeneration,
  stallCheckAt,
  retirementAt,
} from '../domain/rotation.ts';
import type { Change } from '../log/change.ts';
import type { Delivery } from '../log/idempotency.ts';
import { checkNewSecret } from './action-checks.ts';
import { createSecret, readRecipient, type NewSecret } from './create-secret.ts';
import type { LockedKey } from './lock-key-for-caller.ts';
import { eventSubjectOf } from './key-row.ts';

export interface RotationInput {
  /** Default: what the person named who requested the rotation, else 24 hours. */
  readonly gracePeriodMs?: number | null;
  readonly publicKey?: string | null;
}

export interface StartedRotation {
  readonly delivery: Delivery;
  readonly previousRetiresAt: Date;
}

/** A rotation that may start: its secret is created, nothing is written. */
export interface PreparedRotation extends NewSecret {
  readonly graceMs: number;
}

/** Checks that a caller may rotate a key now, and creates the new secret. Writes nothing. */
export async function prepareRotation(
  change: Change,
  caller: Caller,
  key: LockedKey,
  { gracePeriodMs, publicKey }: RotationInput,
): Promise<PreparedRotation | Failure<'GracePeriodOutOfBounds' | 'RotationPending' | 'PublicKeyInvalid'>> {
  const graceMs = gracePeriodMs ?? askedGraceOf(key) ?? DEFAULT_GRACE_MS;
  if (graceMs < 0 || graceMs > LONGEST_GRACE_MS) {
    const found = graceMs < 0 ? `${graceMs} ms` : formatDuration(graceMs);
    const message = `gracePeriod: found ${found}; expected PT0S to ${formatDuration(LONGEST_GRACE_MS)}.`;
    return fail('GracePeriodOutOfBounds', message, { path: ['input', 'gracePeriod'] });
  }
  const refused = checkNewSecret(caller, key);
  if (refused !== null) return refused;
  const recipient = readRecipient(publicKey);
  if (recipient !== null && isFailure(recipient)) return recipient;
  const made = await createSecret(change, recipient, key.realm);
  return isFailure(made) ? made : { ...made, graceMs };
}

/**
 * Writes a rotation: the key gets the prepared secret; the old one works to the end of the grace period, but not beyond
 * the key's HARD end. A grace period of 0 retires it at once. A rotation moves no stop (law 4).
 */
export function startRotation(
  { rows, core, record }: Change,
  caller: Caller,
  key: LockedKey,
  { secret, text, graceMs }: PreparedRotation,
): StartedRotation {
  const { now } = key;
  const old = findCurrentSecret(key.secrets);
  // Not before the present instant, which may be later than the rotation's: until now the old secret was accepted.
  const retiresAt = latest(retirementAt(now, graceMs, hardEndOf(key)), core.clock.now());
  const secretId = newId('secret', now, core.random);
  const generation = nextGeneration(key.secrets);
  // In this order: a key must never have two secrets without a `retiresAt`.
  rows.update('Secret', { id: old.id, retiresAt });
  rows.insert('Secret', {
    id: secretId,
    keyId: key.id,
    generation,
    digest: secret.digest(),
    start: secret.start,
    createdAt: now,
    rotatedAtOnceBy: graceMs === 0 ? callerName(caller) : null,
  });
  const pending = {
    rotationStartedAt: now,
    rotationGraceMs: BigInt(graceMs),
    rotationExtended: false,
    reviewAt: earliest(key.reviewAt, latest(stallCheckAt(retiresAt, graceMs), now)),
  };
  const answer = key.rotationAskedAt === null ? {} : answerAskedRotation(key, now);
  const isSelfRenewing = isSelfRenewal(caller);
  rows.update('Key', { id: key.id, ...(graceMs > 0 && pending), ...answer, isSelfRenewing });
  const event = { at: now, ...eventSubjectOf(key), actor: actorOf(caller) };
  record({
    ...event,
    type: 'KEY_ROTATION_STARTED',
    data: { generation, previousRetiresAt: retiresAt.toISOString(), gracePeriod: formatDuration(graceMs) },
  });
  if (graceMs === 0) {
    record({ ...event, type: 'KEY_ROTATION_COMPLETED', data: { generation: old.generation, by: 'NO_GRACE_PERIOD' } });
  }
  return { delivery: { of: secretId, text }, previousRetiresAt: retiresAt };
}

/** Returns the grace period that a person named who requested this rotation. Null: none. */
function askedGraceOf(key: LockedKey): number | null {
  return openAskedAt(key) === null || key.rotationAskedGraceMs === null ? null : Number(key.rotationAskedGraceMs);
}

/** Returns the key as a rotation leaves it, for policies that depend on the age of its secret. */
export function withNewSecret(key: LockedKey): LockedKey {
  const generation = nextGeneration(key.secrets);
  const secrets = key.secrets.map((secret) => {
    return secret.retiresAt === null ? { ...secret, createdAt: key.now, generation } : secret;
  });
  return { ...key, secrets, ...answerAskedRotation(key, key.now) };
}
