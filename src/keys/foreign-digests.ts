import { foreignDigestOf } from '../domain/foreign-digest.ts';
import { LEAST_RANDOM_BITS, SEALED_BELOW_BITS } from '../domain/foreign-pattern.ts';
import type { Core } from '../store/core.ts';

/** The digests under which a foreign secret may be stored in a realm, by the form of its row. */
export interface ForeignDigests {
  /** At least 128 random bits. */
  readonly FOREIGN: Buffer;
  /** 80 to 127 random bits. */
  readonly FOREIGN_SEALED: Buffer;
}

/**
 * Returns the digests under which a foreign secret may be stored in a realm, from the SHA-256 of the secret. They differ by realm, so
 * that two realms can have the same foreign secret, and from the digest of every secret of this gateway.
 */
export function foreignDigestsOf(
  { sealer }: Pick<Core, 'sealer'>,
  realmId: string,
  secretDigest: Uint8Array,
): ForeignDigests {
  const digest = Buffer.from(secretDigest).toString('hex');
  return {
    FOREIGN: foreignDigestOf(realmId, digest),
    FOREIGN_SEALED: sealer.mac('foreign-secret', `${realmId} ${digest}`),
  };
}

/**
 * Returns the form of the row for a foreign secret with so many random bits.
 *
 * @throws RangeError for fewer than 80 random bits, or a digest that is not of 32 bytes.
 */
export function foreignFormOf(secretDigest: Uint8Array, randomBits: number): keyof ForeignDigests {
  if (secretDigest.length !== 32) throw new RangeError(`32 bytes expected, not ${secretDigest.length}`);
  if (!(randomBits >= LEAST_RANDOM_BITS)) throw new RangeError(`at least ${LEAST_RANDOM_BITS} random bits expected`);
  return randomBits < SEALED_BELOW_BITS ? 'FOREIGN_SEALED' : 'FOREIGN';
}

/**
 * Returns the form and the digest of the row for a foreign secret with so many random bits: what an import stores.
 *
 * @throws RangeError for fewer than 80 random bits, or a digest that is not of 32 bytes.
 */
export function storedForeignDigest(
  core: Pick<Core, 'sealer'>,
  realmId: string,
  secretDigest: Uint8Array,
  randomBits: number,
): { readonly form: keyof ForeignDigests; readonly digest: Buffer } {
  const form = foreignFormOf(secretDigest, randomBits);
  return { form, digest: foreignDigestsOf(core, realmId, secretDigest)[form] };
}
