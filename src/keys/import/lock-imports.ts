import type { Transaction } from '../../store/core.ts';

// Advisory locks until the transaction ends, each by its name. A foreign secret is stored by a digest of its realm, so
// imports of different realms never meet. Only a digest in our own form is the same in all realms.
//
// Release 0.1.0 has one lock for all realms, KEY_IMPORTS, which its imports take alone. Imports and adoptions take it first, in
// shared mode: they exclude those imports, and not each other. Nothing makes an import of this release wait for an adoption of
// that one; the unique digest refuses the later of the two. Remove KEY_IMPORTS in the release that no longer runs beside 0.1.0.

/** The name of the lock that the release before takes for imports (alone) and adoptions (shared) in all realms. */
const KEY_IMPORTS = 'key imports';

/** Makes imports and adoptions in a realm wait for this import: two of them could have the same secret. */
export async function lockImports(tx: Transaction, realmId: string): Promise<void> {
  await tx.$queryRaw`
    SELECT pg_advisory_xact_lock_shared(hashtextextended(${KEY_IMPORTS}, 0))::text,
           pg_advisory_xact_lock(hashtextextended(${`key imports ${realmId}`}, 0))::text`;
}

/**
 * Makes imports in all realms that have secrets in our own form wait for this one. Call it after `lockImports`, to avoid
 * deadlocks.
 */
export async function lockOwnFormImports(tx: Transaction): Promise<void> {
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended('key imports in own form', 0))::text`;
}

/** Makes imports in a realm, and adoptions of the same secret there, wait for this adoption. Other adoptions go on. */
export async function lockAdoption(tx: Transaction, realmId: string, digest: Buffer): Promise<void> {
  await tx.$queryRaw`
    SELECT pg_advisory_xact_lock_shared(hashtextextended(${KEY_IMPORTS}, 0))::text,
           pg_advisory_xact_lock_shared(hashtextextended(${`key imports ${realmId}`}, 0))::text,
           pg_advisory_xact_lock(hashtextextended(${`adopted ${realmId} ${digest.toString('hex')}`}, 0))::text`;
}
