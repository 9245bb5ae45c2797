import { formatId } from './id-words.ts';
import { SECRET_PREFIX } from './shared-values.ts';
import { SecretStore } from './secret-store.ts';
import type { FoundKey, StoredSecret, VerifiedRealm } from './stored-secret.ts';
import { FOLLOW_FORMAT, type FollowLine, type KeyLine, type RealmLine } from './follow-lines.ts';

/** What a process knows of a realm: a table of secrets by digest, filled and updated by lines of the gateway. */
export class RealmCopy {
  readonly #secrets: SecretStore;
  #realm: VerifiedRealm | null = null;
  #cursor: string | null = null;
  #asOfMs: number | null = null;

  /** `capacity`: how many secrets are held at most. Those that were not used for longest go first. */
  constructor(capacity: number) {
    this.#secrets = new SecretStore(capacity);
  }

  /** How many secrets are held. */
  get size(): number {
    return this.#secrets.size;
  }

  /** Where to continue with /log; null: no head has come. */
  get cursor(): string | null {
    return this.#cursor;
  }

  /** All changes before this moment, in ms since 1970, are known; null: no head has come. */
  get asOfMs(): number | null {
    return this.#asOfMs;
  }

  /** Returns the key of a secret by its digest, in hexadecimal; undefined: the secret is not held. */
  find(digest: string): FoundKey | undefined {
    return this.#secrets.get(digest);
  }

  /** Applies a line. Applying lines again, or in another connection, changes nothing. @throws if the format is not known. */
  apply({ realm, key, head }: FollowLine): void {
    if (realm !== undefined) this.#setRealm(realm);
    if (key !== undefined) this.#setKey(key);
    if (head !== undefined) {
      this.#cursor = head.cursor;
      this.#asOfMs = Math.max(this.#asOfMs ?? head.asOf, head.asOf);
    }
  }

  #setRealm({ format, id, slug, foldsCase, actions }: RealmLine): void {
    if (format !== FOLLOW_FORMAT) throw new Error(`format: found ${format}; expected ${FOLLOW_FORMAT}.`);
    this.#realm = { id, slug, foldsCase, actions: new Set(actions) };
    this.#secrets.setRealm(this.#realm);
  }

  #setKey(key: KeyLine): void {
    const realm = this.#realm;
    if (realm === null) throw new Error('found a key before its realm');
    this.#secrets.removeKey(key.id);
    for (const stored of toStoredSecrets(key, realm)) this.#secrets.put(stored, 0);
  }
}

function toStoredSecrets(key: KeyLine, realm: VerifiedRealm): readonly StoredSecret[] {
  const facts = {
    id: key.id,
    name: '', // verifiers get no names
    realmId: realm.id,
    realmSlug: realm.slug,
    foldsCase: realm.foldsCase,
    actions: realm.actions,
    ownerId: key.ownerId,
    externalId: key.externalId ?? null,
    tokenRuleId: key.tokenRuleId,
    scopes: key.scopes,
    labels: key.labels,
    expiresAt: toInstant(key.expiresAt),
    expiryBasis: key.expiryBasis,
    stopsAt: toInstant(key.stopsAt),
    expiredAt: toInstant(key.expiredAt),
    revokedAt: toInstant(key.revokedAt),
    renewalDueAt: toInstant(key.renewalDueAt),
    notBefore: toInstant(key.notBefore ?? null),
    allowedAddresses: key.allowedAddresses ?? [],
    isHeld: key.holdSources.length > 0,
    holdSources: key.holdSources,
  };
  return key.secrets.map(({ digest, generation, retiresAt }) => ({
    ...facts,
    digest: Buffer.from(digest, 'hex'),
    generation,
    retiresAt: toInstant(retiresAt),
    secretId: secretIdOf(digest),
    firstUsedAt: null,
  }));
}

/** Returns an id that tells the secret from all others, made of its digest: verifiers do not know its own. */
function secretIdOf(digest: string): string {
  const word = (index: number) => Number.parseInt(digest.slice(8 * index, 8 * index + 8), 16);
  return formatId(SECRET_PREFIX, word(0), word(1), word(2), word(3));
}

function toInstant(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}
