import { DAY_MS, HOUR_MS, SECOND_MS } from './duration.ts';
import { hasCome, addMs } from './key.ts';

/** The grace period if none is requested. */
export const DEFAULT_GRACE_MS = DAY_MS;

/** The longest grace period. The shortest is 0: the old secret retires at once. */
export const LONGEST_GRACE_MS = 30 * DAY_MS;

/**
 * How long the new secret of a rotation without a grace period has to reach its users. Until then no other caller can
 * rotate the key, and requests that were under way with the old secret are not a sign of reuse.
 */
export const AT_ONCE_SETTLES_MS = 10 * SECOND_MS;

/** How long a consumer counts as known after its last use: a rotation does not wait for it longer. */
export const CONSUMER_MEMORY_MS = 400 * DAY_MS;

/** Overflow bucket: consumers beyond the first 200 of a secret are counted together under this label. */
export const OVERFLOW_CONSUMER = '(others)';

/** A review checks for consumers that have not moved at most this long before the end of the grace period. */
const CHECK_AHEAD_MS = HOUR_MS;

export interface SecretGeneration {
  readonly id: string;
  readonly generation: number;
  readonly firstUsedAt: Date | null;
  readonly retiresAt: Date | null;
}

/** The two secrets of a key that rotates: the current one and the retiring one. */
export interface Rotation<S extends SecretGeneration = SecretGeneration> {
  readonly current: S;
  readonly retiring: S & { readonly retiresAt: Date };
}

/** A rotation whose end no review has recorded. */
export interface OpenRotation {
  /** The generation of the retiring secret. */
  readonly generation: number;
  readonly retiresAt: Date;
  readonly graceMs: number;
  readonly wasExtended: boolean;
  /** When the last consumer of the old secret was first seen on the new one; null: not all have moved, or the new secret is unused. */
  readonly movedAt: Date | null;
}

/** Returns the current secret. Exactly one secret of every key has no retirement. */
export function findCurrentSecret<S extends SecretGeneration>(secrets: readonly S[]): S {
  const current = secrets.find((secret) => secret.retiresAt === null);
  if (current === undefined) throw new Error('a key has no current secret');
  return current;
}

/** Returns the generation of the secret that comes after all these. After a swap the current secret is not the newest. */
export function nextGeneration(secrets: readonly Pick<SecretGeneration, 'generation'>[]): number {
  return Math.max(0, ...secrets.map(({ generation }) => generation)) + 1;
}

/** Returns the pending rotation; null: none. Both secrets are valid until the old one retires. */
export function findPendingRotation<S extends SecretGeneration>(secrets: readonly S[], now: Date): Rotation<S> | null {
  const retiring = secrets.find(
    (secret): secret is S & { retiresAt: Date } => secret.retiresAt !== null && !hasCome(secret.retiresAt, now),
  );
  return retiring === undefined ? null : { current: findCurrentSecret(secrets), retiring };
}

/** A secret, and the caller that made it by a rotation without a grace period. */
interface AtOnceSecret {
  readonly createdAt: Date;
  readonly rotatedAtOnceBy: string | null;
}

/**
 * Returns until when a caller has to wait, because another caller made the current secret seconds ago by a rotation
 * without a grace period: that caller would hold a dead secret. Null: the caller need not wait.
 */
export function atOnceRotationSettlesAt(current: AtOnceSecret, callerName: string, now: Date): Date | null {
  if (current.rotatedAtOnceBy === null || current.rotatedAtOnceBy === callerName) return null;
  const settlesAt = addMs(current.createdAt, AT_ONCE_SETTLES_MS);
  return hasCome(settlesAt, now) ? null : settlesAt;
}

/** Returns when the old secret retires: at the end of the grace period, but no later than the key's HARD expiry. */
export function retirementAt(now: Date, graceMs: number, hardEnd: Date | null): Date {
  const end = now.getTime() + graceMs;
  return new Date(hardEnd === null ? end : Math.max(now.getTime(), Math.min(end, hardEnd.getTime())));
}

/**
 * Returns when a review checks whether the rotation is stalled and needs its one extension: an hour before the end of the grace
 * period, or at half of a short one. A node that was down for less than that is still in time.
 */
export function stallCheckAt(retiresAt: Date, graceMs: number): Date {
  return addMs(retiresAt, -Math.min(CHECK_AHEAD_MS, Math.floor(graceMs / 2)));
}

/**
 * Returns from when on a use of the current secret proves that its consumer has moved to it; null: any use proves it. After an undo
 * that swapped the secrets, consumers had used the current one before, so only uses since then count.
 */
export function movesCountedFrom(
  { current, retiring }: { readonly [Role in 'current' | 'retiring']: Pick<SecretGeneration, 'generation'> },
  startedAt: Date | null,
): Date | null {
  return current.generation < retiring.generation ? startedAt : null;
}

/** A consumer's last use of a secret. The empty consumer stands for use without a label. */
export interface ConsumerUse {
  readonly consumer: string;
  readonly lastUsedAt: Date | null;
}

/**
 * Splits the consumers of the retiring secret into those seen on the current one since `since`, and the others. Consumers without
 * a label, and those in the overflow bucket, never count as moved.
 */
export function splitConsumers(
  onRetiring: readonly ConsumerUse[],
  onCurrent: readonly ConsumerUse[],
  since: Date | null,
  now: Date,
): { moved: string[]; notMoved: string[]; hasUnlabelled: boolean } {
  const seen = onRetiring.filter(
    (use) => use.lastUsedAt !== null && now.getTime() - use.lastUsedAt.getTime() <= CONSUMER_MEMORY_MS,
  );
  const isArrival = ({ lastUsedAt }: ConsumerUse) => lastUsedAt !== null && (since === null || lastUsedAt >= since);
  const arrived = new Set(onCurrent.filter(isArrival).map((use) => use.consumer));
  arrived.delete(OVERFLOW_CONSUMER);
  const labelled = seen.map((use) => use.consumer).filter((consumer) => consumer !== '');
  return {
    moved: labelled.filter((consumer) => arrived.has(consumer)),
    notMoved: labelled.filter((consumer) => !arrived.has(consumer)),
    hasUnlabelled: seen.some((use) => use.consumer === ''),
  };
}
