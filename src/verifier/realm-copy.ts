import { hash } from 'node:crypto';
import { formOf } from '../domain/credential-form.ts';
import { foreignDigestOf } from '../domain/foreign-digest.ts';
import { noWarnings, type StoredWarning } from '../domain/verification-warning.ts';
import { compileForeignPattern, FOREIGN_SECRET_MAX, foreignPatternProblem } from '../domain/foreign-pattern.ts';
import { formatId } from './id-words.ts';
import { SECRET_PREFIX } from './shared-values.ts';
import type { RecordView } from './record-view.ts';
import { SecretStore } from './secret-store.ts';
import type { StoredSecret, VerifiedRealm } from './stored-secret.ts';
import { FOLLOW_FORMAT, type FollowLine, type KeyLine, type RealmLine } from './follow-lines.ts';

/** What a process knows of a realm: a table of secrets by digest, filled and updated by lines of the gateway. */
export class RealmCopy {
  readonly #secrets: SecretStore;
  #realm: VerifiedRealm | null = null;
  /** The form of foreign secrets that the realm accepts; null: it accepts none; undefined: unknown. */
  #foreignForm: RegExp | null | undefined;
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

  /**
   * Returns the key of a secret by its text, read where it is: what runs in the same turn may read it, until the next call.
   * Undefined: the secret is not held.
   */
  find(text: string): RecordView | undefined {
    return this.#secrets.view(text) ?? this.#findForeign(text);
  }

  /** Whether a text may be a foreign secret: it has the form that the realm accepts, or that form is not known. */
  mayBeForeign(text: string): boolean {
    if (this.#foreignForm === null || text.length > FOREIGN_SECRET_MAX || formOf(text) !== 'FOREIGN') return false;
    return this.#foreignForm === undefined || this.#foreignForm.test(text);
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

  #findForeign(text: string): RecordView | undefined {
    const realm = this.#realm;
    if (realm === null || this.#foreignForm === undefined || !this.mayBeForeign(text)) return undefined;
    return this.#secrets.viewDigest(foreignDigestOf(realm.id, hash('sha256', text, 'hex')).toString('hex'));
  }

  #setRealm({ format, id, slug, foldsCase, actions, foreignSecrets }: RealmLine): void {
    if (format !== FOLLOW_FORMAT) throw new Error(`format: found ${format}; expected ${FOLLOW_FORMAT}.`);
    this.#realm = { id, slug, foldsCase, actions: new Set(actions) };
    this.#secrets.setRealm(this.#realm);
    this.#foreignForm = compileForm(foreignSecrets);
  }

  #setKey(key: KeyLine): void {
    const realm = this.#realm;
    if (realm === null) throw new Error('found a key before its realm');
    this.#secrets.removeKey(key.id);
    for (const stored of toStoredSecrets(key, realm)) this.#secrets.put(stored, 0);
  }
}

/** Compiles the form of foreign secrets. A pattern of a later release that this one cannot read counts as unknown. */
function compileForm(given: RealmLine['foreignSecrets']): RegExp | null | undefined {
  if (given == null) return given;
  return foreignPatternProblem(given.pattern, 0) === null ? compileForeignPattern(given.pattern) : undefined;
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
    warnings: (key.warnings ?? noWarnings) as readonly StoredWarning[],
    // Whom its owner listed is the gateway's matter: it is asked about each refusal.
    brownouts: (key.brownouts ?? []).map(({ from, to }) => ({ from, to, rolloutId: '', consumers: [] })),
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
