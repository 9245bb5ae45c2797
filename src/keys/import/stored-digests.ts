import type { Realm, SecretForm } from '../../../prisma/generated/client/client.ts';
import { DEFAULT_SECRET_PREFIX } from '../../domain/secret-prefix.ts';
import type { Core } from '../../store/core.ts';
import { foreignDigestsOf, foreignFormOf } from '../foreign-digests.ts';

/** The digest of an imported secret as it is stored, the form of the secret, and all digests of the secret in its realm. */
export interface StoredDigests {
  /** Null: the row announces a key without its secret. */
  readonly digest: Uint8Array | null;
  readonly form: SecretForm;
  readonly candidates: readonly Uint8Array[];
}

/** Whether the start of a secret is that of a secret of our own form, which another deployment may have made for the realm. */
export function isOwnStart({ secretPrefix }: Pick<Realm, 'secretPrefix'>, start: string | null): boolean {
  return [DEFAULT_SECRET_PREFIX, secretPrefix].some(
    (prefix) => start !== null && start.startsWith(prefix) && /^[0-9A-Za-z]{6}$/.test(start.slice(prefix.length)),
  );
}

/** Returns how the digest of an imported secret is stored: that of a secret of our own form as it is. */
export function storedDigestsOf(
  core: Pick<Core, 'sealer'>,
  realm: Pick<Realm, 'id' | 'secretPrefix' | 'foreignRandomBits'>,
  { digest, start }: { readonly digest: Uint8Array | null; readonly start: string | null },
): StoredDigests {
  if (digest === null) return { digest, form: 'FOREIGN_SEALED', candidates: [] };
  const digests = foreignDigestsOf(core, realm.id, digest);
  // Whatever its start says: the secret may be stored in any form.
  const candidates = [digest, digests.FOREIGN, digests.FOREIGN_SEALED];
  if (isOwnStart(realm, start)) return { digest, form: 'OWN', candidates };
  const form = foreignFormOf(digest, realm.foreignRandomBits ?? 0);
  return { form, digest: digests[form], candidates };
}
