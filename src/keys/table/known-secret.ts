import type { Scope } from '../../domain/scope.ts';
import type { StopBasis } from '../../domain/verdict.ts';
import type { FoundKey, VerifiedRealm, StoredSecret } from './load-secrets.ts';

/** The facts of a realm, shared by all of its keys in memory: a change of the realm is one write. */
export interface RealmCell {
  facts: VerifiedRealm;
}

/** A secret in memory with its key. All but the realm's facts is of one moment and never changes. */
export class KnownSecret implements FoundKey {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly scopes: readonly Scope[];
  readonly labels: FoundKey['labels'];
  readonly expiresAt: Date | null;
  readonly expiryBasis: StopBasis | null;
  readonly stopsAt: Date | null;
  readonly expiredAt: Date | null;
  readonly revokedAt: Date | null;
  readonly renewalDueAt: Date | null;
  readonly tokenRuleId: string | null;
  readonly isHeld: boolean;
  readonly holdSources: readonly string[];
  readonly secretId: string;
  readonly generation: number;
  readonly retiresAt: Date | null;
  readonly firstUsedAt: Date | null;
  readonly digest: Uint8Array;
  readonly loadedAtMs: number;
  readonly #realm: RealmCell;
  /** Whether it was used since it was last considered for removal. */
  wasUsed = false;

  constructor(stored: StoredSecret, realm: RealmCell, loadedAtMs: number) {
    this.id = stored.id;
    this.name = stored.name;
    this.ownerId = stored.ownerId;
    this.scopes = stored.scopes;
    this.labels = stored.labels;
    this.expiresAt = stored.expiresAt;
    this.expiryBasis = stored.expiryBasis;
    this.stopsAt = stored.stopsAt;
    this.expiredAt = stored.expiredAt;
    this.revokedAt = stored.revokedAt;
    this.renewalDueAt = stored.renewalDueAt;
    this.tokenRuleId = stored.tokenRuleId;
    this.isHeld = stored.isHeld;
    this.holdSources = stored.holdSources;
    this.secretId = stored.secretId;
    this.generation = stored.generation;
    this.retiresAt = stored.retiresAt;
    this.firstUsedAt = stored.firstUsedAt;
    this.digest = stored.digest;
    this.#realm = realm;
    this.loadedAtMs = loadedAtMs;
  }

  get realmId(): string {
    return this.#realm.facts.id;
  }

  get realmSlug(): string {
    return this.#realm.facts.slug;
  }

  get foldsCase(): boolean {
    return this.#realm.facts.foldsCase;
  }

  get actions(): ReadonlySet<string> {
    return this.#realm.facts.actions;
  }
}
