import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/** How many bits of the HMAC place an owner: what a number holds exactly. */
const POSITION_BITS = 52;

/**
 * Returns an owner's place in the cohorts of a rollout, from 0 to less than 1 (rule 47): HMAC-SHA-256 of the owner's id
 * under the rollout's salt. The same owners are in the first cohort only by chance of another rollout.
 */
export function hashPosition(salt: Uint8Array, ownerId: string): number {
  const digest = createHmac('sha256', secretKeyOf(salt)).update(ownerId).digest();
  return Number(digest.readBigUInt64BE() >> BigInt(64 - POSITION_BITS)) / 2 ** POSITION_BITS;
}

const secretKeys = new WeakMap<Uint8Array, KeyObject>();

/** Returns a salt as a key, made once for the same object: a key that is given as bytes costs several times its HMAC. */
function secretKeyOf(salt: Uint8Array): KeyObject {
  const known = secretKeys.get(salt) ?? createSecretKey(salt);
  secretKeys.set(salt, known);
  return known;
}

/** An owner with live keys in the realm of a rollout. */
export interface OwnerKeys {
  readonly ownerId: string;
  readonly keyCount: number;
}

/**
 * Returns the position of an owner: the hash, or the owner's share of all keys if that is more. So an owner with many keys is
 * in no cohort with a smaller share.
 */
export function ownerPosition(salt: Uint8Array, { ownerId, keyCount }: OwnerKeys, keyTotal: number): number {
  return Math.max(hashPosition(salt, ownerId), keyTotal === 0 ? 0 : keyCount / keyTotal);
}

/** An owner in the order of cohorts. */
export interface PlacedOwner {
  readonly position: number;
  readonly keyCount: number;
}

/**
 * Returns the threshold of a cohort: the owners before it are at most the share of all owners, and their keys at most the
 * share of all keys, both rounded up. It is at most the share, and at least the threshold of the cohort before.
 */
export function cohortThreshold(owners: readonly PlacedOwner[], share: number, previous = 0): number {
  if (share >= 1) return 1;
  const keyTotal = owners.reduce((sum, { keyCount }) => sum + keyCount, 0);
  const ownersMax = Math.ceil(share * owners.length);
  const keysMax = Math.ceil(share * keyTotal);
  let keys = 0;
  for (const [index, { position, keyCount }] of owners.toSorted((a, b) => a.position - b.position).entries()) {
    keys += keyCount;
    if (position >= share) break;
    if (index >= ownersMax || keys > keysMax) return Math.max(previous, position);
  }
  return Math.max(previous, share);
}
