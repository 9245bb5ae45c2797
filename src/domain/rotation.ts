import { DAY_MS, HOUR_MS } from './duration.ts';
import { hasCome, addMs } from './key.ts';

/** The grace period when none is asked for. */
export const DEFAULT_GRACE_MS = DAY_MS;

/** The longest grace period; the shortest is 0: the old secret retires at once. */
export const LONGEST_GRACE_MS = 30 * DAY_MS;

/** A consumer that was not seen on the old secret for so long is gone, and is not waited for. */
const CONSUMER_MEMORY_MS = 400 * DAY_MS;

/** The one consumer that all those count as which are too many to be told apart. */
export const OVERFLOW_CONSUMER = '(others)';

/** How far ahead of the end of a grace period a review looks who has not moved, at most. */
const CHECK_AHEAD_MS = HOUR_MS;

export interface SecretGeneration {
  readonly id: string;
  readonly generation: number;
  readonly firstUsedAt: Date | null;
  readonly retiresAt: Date | null;
}

/** Two secrets of one key: the one that stays and the one that is on its way out. */
export interface Rotation<S extends SecretGeneration = SecretGeneration> {
  readonly current: S;
  readonly retiring: S & { readonly retiresAt: Date };
}

/** A rotation whose end no review has recorded. */
export interface OpenRotation {
  /** The secret that is on its way out. */
  readonly generation: number;
  readonly retiresAt: Date;
  readonly graceMs: number;
  readonly wasExtended: boolean;
  /** Since when everyone who was seen on the old secret is seen on the new one; null: somebody is not, or it is unused. */
  readonly movedAt: Date | null;
}

/** The secret that stays: of every key exactly one has no end. */
export function findCurrentSecret<S extends SecretGeneration>(secrets: readonly S[]): S {
  const current = secrets.find((secret) => secret.retiresAt === null);
  if (current === undefined) throw new Error('a key has no current secret');
  return current;
}

/** The rotation that is pending, or null: both secrets are good until the retiring one's moment comes. */
export function findPendingRotation<S extends SecretGeneration>(secrets: readonly S[], now: Date): Rotation<S> | null {
  const retiring = secrets.find(
    (secret): secret is S & { retiresAt: Date } => secret.retiresAt !== null && !hasCome(secret.retiresAt, now),
  );
  return retiring === undefined ? null : { current: findCurrentSecret(secrets), retiring };
}

/** When the old secret retires: at the end of the grace, and never after the key's own HARD end. */
export function retirementAt(now: Date, graceMs: number, hardEnd: Date | null): Date {
  const end = now.getTime() + graceMs;
  return new Date(hardEnd === null ? end : Math.max(now.getTime(), Math.min(end, hardEnd.getTime())));
}

/**
 * When a review looks whether the grace needs its one extension: an hour before its end, of a short one at its half. A node
 * that is down for less than that still comes in time; after the end it would be too late.
 */
export function stallCheckAt(retiresAt: Date, graceMs: number): Date {
  return addMs(retiresAt, -Math.min(CHECK_AHEAD_MS, Math.floor(graceMs / 2)));
}

/**
 * From when on use of the current secret says that its consumer has moved there; null: any use does. After an undo that swapped
 * the two, everyone had used before what is current now.
 */
export function movesCountedFrom(
  { current, retiring }: { readonly [Role in 'current' | 'retiring']: Pick<SecretGeneration, 'generation'> },
  startedAt: Date | null,
): Date | null {
  return current.generation < retiring.generation ? startedAt : null;
}

/** A consumer's last use of one secret. The empty consumer is use without a label. */
export interface ConsumerUse {
  readonly consumer: string;
  readonly lastUsedAt: Date | null;
}

/**
 * Of the consumers seen on the retiring secret, those seen on the current one since then, and those not. Without a label, or of
 * too many: never known to have moved.
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
