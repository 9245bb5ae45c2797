import { KnownSecret, type RealmCell } from './known-secret.ts';
import type { VerifiedRealm, StoredSecret } from './load-secrets.ts';

/** How many digests that no key has are remembered. */
const UNKNOWN_MAX = 10_000;

/** The secrets in memory: by digest and by key, at most so many. Those that were not used for longest go first. */
export class SecretStore {
  readonly #capacity: number;
  readonly #byDigest = new Map<string, KnownSecret>();
  readonly #byKey = new Map<string, readonly string[]>();
  readonly #realms = new Map<string, RealmCell>();
  readonly #unknown = new Set<string>();

  /** `capacity`: how many secrets are held at most. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#byDigest.size;
  }

  get(digest: string): KnownSecret | undefined {
    return this.#byDigest.get(digest);
  }

  /** All secrets, for comparison with the database. */
  values(): Iterable<KnownSecret> {
    return this.#byDigest.values();
  }

  /** Returns the digests of the held secrets of a key. */
  digestsOf(keyId: string): readonly string[] {
    return this.#byKey.get(keyId) ?? [];
  }

  /** Whether a secret of the key, or of a key of the realm, is held. */
  holds(id: string): boolean {
    return this.#byKey.has(id) || this.#realms.has(id);
  }

  hasRealm(realmId: string): boolean {
    return this.#realms.has(realmId);
  }

  /** Returns a secret as it is held in memory, without holding it. */
  toKnown(stored: StoredSecret, loadedAtMs: number): KnownSecret {
    return new KnownSecret(stored, { facts: realmFactsOf(stored) }, loadedAtMs);
  }

  /** Holds a secret in place of what was held under its digest. */
  put(digest: string, stored: StoredSecret, loadedAtMs: number): void {
    const { id, realmId } = stored;
    const realm = this.#realms.get(realmId) ?? { facts: realmFactsOf(stored) };
    this.#realms.set(realmId, realm);
    const digests = this.#byKey.get(id) ?? [];
    if (!digests.includes(digest)) this.#byKey.set(id, [...digests, digest]);
    this.#byDigest.set(digest, new KnownSecret(stored, realm, loadedAtMs));
    this.#unknown.delete(digest);
    while (this.#byDigest.size > this.#capacity) this.#removeOldest();
  }

  setRealm(facts: VerifiedRealm): void {
    const realm = this.#realms.get(facts.id);
    if (realm !== undefined) realm.facts = facts;
  }

  removeKey(keyId: string): void {
    for (const digest of this.#byKey.get(keyId) ?? []) this.#byDigest.delete(digest);
    this.#byKey.delete(keyId);
  }

  clear(): void {
    this.#byDigest.clear();
    this.#byKey.clear();
    this.#realms.clear();
    this.#unknown.clear();
  }

  isUnknown(digest: string): boolean {
    return this.#unknown.has(digest);
  }

  /** Remembers that no key has a secret. */
  addUnknown(digest: string): void {
    if (this.#unknown.size >= UNKNOWN_MAX) this.#unknown.delete(this.#unknown.values().next().value ?? '');
    this.#unknown.add(digest);
  }

  /** Forgets what was unknown, because a secret was created. */
  forgetUnknown(): void {
    this.#unknown.clear();
  }

  /** Removes the secret that came first, except those that were used since they were considered last. */
  #removeOldest(): void {
    for (const [digest, secret] of this.#byDigest) {
      this.#byDigest.delete(digest);
      if (!secret.wasUsed) return this.#dropRemoved(secret.id);
      secret.wasUsed = false;
      this.#byDigest.set(digest, secret);
    }
  }

  #dropRemoved(keyId: string): void {
    const rest = (this.#byKey.get(keyId) ?? []).filter((digest) => this.#byDigest.has(digest));
    if (rest.length === 0) this.#byKey.delete(keyId);
    else this.#byKey.set(keyId, rest);
  }
}

function realmFactsOf({ realmId, realmSlug, foldsCase, actions }: StoredSecret): VerifiedRealm {
  return { id: realmId, slug: realmSlug, foldsCase, actions };
}
