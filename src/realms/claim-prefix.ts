import { fail, type Failure } from '../domain/failure.ts';
import { DEFAULT_SECRET_PREFIX } from '../domain/secret-prefix.ts';
import type { Change } from '../log/change.ts';

/**
 * Reserves a prefix of secrets for a realm until the transaction ends. Fails if another realm has, or had, a prefix that ends with
 * this one or is an end of it: the pattern of one realm would find secrets of the other. Realms share `kt_`. Writes nothing.
 */
export async function reservePrefix(
  { tx }: Change,
  realmId: string,
  prefix: string,
): Promise<Failure<'SecretPrefixTaken'> | null> {
  if (prefix === DEFAULT_SECRET_PREFIX) return null;
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended('secret prefixes', 0))::text`;
  const overlapping = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM "SecretPrefix" p WHERE p."realmId" <> ${realmId} AND p.prefix <> ${DEFAULT_SECRET_PREFIX}
      AND (right(p.prefix, length(${prefix})) = ${prefix} OR right(${prefix}, length(p.prefix)) = p.prefix) LIMIT 1`;
  if (overlapping.length === 0) return null;
  const message = `Another realm has, or had, the prefix ${prefix}, or one prefix is the end of the other.`;
  return fail('SecretPrefixTaken', message, { path: ['input', 'secretPrefix'] });
}

/** Records that secrets of a realm have a prefix, which then belongs to the realm for ever. It must be reserved. */
export async function claimPrefix({ tx }: Change, realmId: string, prefix: string, at: Date): Promise<void> {
  await tx.secretPrefix.createMany({ data: { realmId, prefix, createdAt: at }, skipDuplicates: true });
}

/**
 * Changes the prefix of the new secrets of a locked realm. Earlier prefixes stay known; `kt_` only if the realm has a key, because
 * a pattern that finds `kt_` also finds secrets of other realms.
 */
export async function replacePrefix(
  change: Change,
  realm: { readonly id: string; readonly secretPrefix: string },
  prefix: string,
  at: Date,
): Promise<Failure<'SecretPrefixTaken'> | null> {
  if (prefix === realm.secretPrefix) return null;
  const taken = await reservePrefix(change, realm.id, prefix);
  if (taken !== null) return taken;
  if (prefix !== DEFAULT_SECRET_PREFIX) await claimPrefix(change, realm.id, prefix, at);
  if (realm.secretPrefix !== DEFAULT_SECRET_PREFIX) return null; // it was recorded when it was chosen
  const key = await change.tx.key.findFirst({ where: { realmId: realm.id }, select: { id: true } });
  if (key !== null) await claimPrefix(change, realm.id, realm.secretPrefix, at);
  return null;
}
