import type { KeyBrownout } from '../domain/brownout.ts';
import type { Scope } from '../domain/scope.ts';
import type { StopBasis } from '../domain/verdict.ts';
import { noWarnings } from '../domain/verification-warning.ts';
import type { VerificationFacts } from '../domain/verification.ts';
import { formatId } from './id-words.ts';
import { KnownSecret } from './known-secret.ts';
import { basisOf, copyFacts, Flag, toInstantMs, Word } from './record-layout.ts';
import { KEY_PREFIX, type Origin, type Restrictions, type SharedValues, unrestricted } from './shared-values.ts';
import type { FoundKey, VerifiedRealm } from './stored-secret.ts';

/**
 * A record of a secret, read where it is: it costs no object for each look-up. It is as it was found until the store
 * changes or finds another secret, so only what runs in the same turn may read it. Moments are in ms since 1970.
 */
export class RecordView implements VerificationFacts<number> {
  readonly #values: SharedValues;
  #chunk: Int32Array = new Int32Array();
  #start = 0;
  #record = -1;
  #flags = 0;
  #stopAndRenewal = 0;
  #atHand = 0;

  constructor(values: SharedValues) {
    this.#values = values;
  }

  /** Moves to a record: its number, the chunk that it is in, and where it begins there. */
  moveTo(record: number, chunk: Int32Array, start: number): this {
    this.#record = record;
    this.#chunk = chunk;
    this.#start = start;
    // One read from each part of the record, at once: a part that is not in the processor's cache is waited for with the others.
    this.#flags = chunk[start + Word.flags] ?? 0;
    this.#stopAndRenewal = chunk[start + Word.stopAndRenewal] ?? 0;
    this.#atHand = chunk[start + Word.atHand] ?? 0;
    return this;
  }

  /** The number of the record. */
  get record(): number {
    return this.#record;
  }

  /** Where what answers about the record share is at hand; 0: nowhere, or the record was written since. */
  get atHand(): number {
    return this.#atHand;
  }

  set atHand(place: number) {
    this.#atHand = place;
    this.#chunk[this.#start + Word.atHand] = place;
  }

  get expiresAt(): number | null {
    return toInstantMs(
      this.#chunk[this.#start + Word.expiresAt] ?? 0,
      this.#chunk[this.#start + Word.expiryAndRetirement] ?? 0,
    );
  }

  get expiryBasis(): StopBasis | null {
    return basisOf(this.#flags);
  }

  get expiredAt(): number | null {
    return toInstantMs(
      this.#chunk[this.#start + Word.expiredAt] ?? 0,
      (this.#chunk[this.#start + Word.revocationAndEnd] ?? 0) >>> 16,
    );
  }

  get revokedAt(): number | null {
    return toInstantMs(
      this.#chunk[this.#start + Word.revokedAt] ?? 0,
      this.#chunk[this.#start + Word.revocationAndEnd] ?? 0,
    );
  }

  get retiresAt(): number | null {
    return toInstantMs(
      this.#chunk[this.#start + Word.retiresAt] ?? 0,
      (this.#chunk[this.#start + Word.expiryAndRetirement] ?? 0) >>> 16,
    );
  }

  get stopsAt(): number | null {
    return toInstantMs(this.#chunk[this.#start + Word.stopsAt] ?? 0, this.#stopAndRenewal);
  }

  get renewalDueAt(): number | null {
    return toInstantMs(this.#chunk[this.#start + Word.renewalDueAt] ?? 0, this.#stopAndRenewal >>> 16);
  }

  get isHeld(): boolean {
    return (this.#flags & Flag.isHeld) !== 0;
  }

  get scopes(): readonly Scope[] {
    return this.#values.scopes.get(this.#chunk[this.#start + Word.scopes] ?? 0);
  }

  get labels(): FoundKey['labels'] {
    return this.#values.labels.get(this.#chunk[this.#start + Word.labels] ?? 0);
  }

  get notBefore(): number | null {
    return this.#restrictions.notBefore?.getTime() ?? null;
  }

  get allowedAddresses(): readonly string[] {
    return this.#restrictions.allowedAddresses;
  }

  get brownouts(): readonly KeyBrownout[] {
    return this.#restrictions.brownouts;
  }

  get warnings(): FoundKey['warnings'] {
    if ((this.#flags & Flag.hasWarnings) === 0) return noWarnings;
    return this.#values.warnings.get(this.#chunk[this.#start + Word.warnings] ?? 0);
  }

  get foldsCase(): boolean {
    return this.realm.foldsCase;
  }

  get actions(): ReadonlySet<string> {
    return this.realm.actions;
  }

  get realm(): VerifiedRealm {
    return (this.#values.onlyRealm ?? this.#origin.realm).facts;
  }

  get ownerId(): string {
    return this.#origin.ownerId;
  }

  get externalId(): string | null {
    return this.#origin.externalId;
  }

  /** The key's id. */
  get id(): string {
    const word = (index: number) => this.#chunk[this.#start + Word.keyId + index] ?? 0;
    if ((this.#flags & Flag.hasKeyText) !== 0) return this.#values.texts.get(word(0));
    return formatId(KEY_PREFIX, word(0), word(1), word(2), word(3));
  }

  /** Returns a copy of the record, which stays as it is. */
  copy(): KnownSecret {
    return new KnownSecret(copyFacts(this.#chunk, this.#start), this.#values);
  }

  get #restrictions(): Restrictions {
    return (this.#flags & Flag.isRestricted) === 0 ? unrestricted : this.#origin.restrictions;
  }

  get #origin(): Origin {
    return this.#values.origins.get(this.#chunk[this.#start + Word.origin] ?? 0);
  }
}
