import type { KeyBrownout } from '../domain/brownout.ts';
import type { Scope } from '../domain/scope.ts';
import type { StopBasis } from '../domain/verdict.ts';
import { noWarnings } from '../domain/verification-warning.ts';
import { formatId } from './id-words.ts';
import type { FoundKey } from './stored-secret.ts';
import { basisOf, DIGEST_WORDS, Flag, holdSourcesOf, toInstant, Word } from './record-layout.ts';
import { KEY_PREFIX, type Origin, readName, SECRET_PREFIX, type SharedValues } from './shared-values.ts';

const HAS_TEXT = Flag.hasKeyText | Flag.hasSecretText | Flag.hasNameText;

const LOW_BITS = 2 ** 32;

/**
 * A secret with its key, as a record had it: a copy, which stays as it was when the record is changed or used for another
 * secret. Ids, names and instants are made when they are read. All but the realm's facts is of one moment.
 */
export class KnownSecret implements FoundKey {
  readonly scopes: readonly Scope[];
  readonly labels: FoundKey['labels'];
  readonly warnings: FoundKey['warnings'];
  readonly #facts: readonly number[];
  readonly #origin: Origin;
  /** The key's id, the secret's id and the name, if they have not our form. */
  readonly #texts: readonly (string | null)[] | null;

  /** `facts`: the words of the record after the digest. */
  constructor(facts: readonly number[], values: SharedValues) {
    this.#facts = facts;
    this.scopes = values.scopes.get(this.#word(Word.scopes));
    this.labels = values.labels.get(this.#word(Word.labels));
    this.warnings =
      (this.#flags & Flag.hasWarnings) === 0 ? noWarnings : values.warnings.get(this.#word(Word.warnings));
    this.#origin = values.origins.get(this.#word(Word.origin));
    this.#texts = (this.#flags & HAS_TEXT) === 0 ? null : this.#readTexts(values);
  }

  get id(): string {
    return this.#texts?.[0] ?? this.#id(KEY_PREFIX, Word.keyId);
  }

  get secretId(): string {
    return this.#texts?.[1] ?? this.#id(SECRET_PREFIX, Word.secretId);
  }

  get secretLow(): number | undefined {
    if ((this.#flags & Flag.hasSecretText) !== 0) return undefined;
    return (this.#word(Word.secretId + 2) & 0xfffff) * LOW_BITS + (this.#word(Word.secretId + 3) >>> 0);
  }

  get secretHigh(): number | undefined {
    if ((this.#flags & Flag.hasSecretText) !== 0) return undefined;
    return (this.#word(Word.secretId + 2) >>> 20) * LOW_BITS + (this.#word(Word.secretId + 1) >>> 0);
  }

  get name(): string {
    return this.#texts?.[2] ?? readName(this.#facts, Word.name - DIGEST_WORDS);
  }

  get ownerId(): string {
    return this.#origin.ownerId;
  }

  get externalId(): string | null {
    return this.#origin.externalId;
  }

  get tokenRuleId(): string | null {
    return this.#origin.tokenRuleId;
  }

  get realmId(): string {
    return this.#origin.realm.facts.id;
  }

  get realmSlug(): string {
    return this.#origin.realm.facts.slug;
  }

  get foldsCase(): boolean {
    return this.#origin.realm.facts.foldsCase;
  }

  get actions(): ReadonlySet<string> {
    return this.#origin.realm.facts.actions;
  }

  get expiresAt(): Date | null {
    return toInstant(this.#word(Word.expiresAt), this.#word(Word.expiryAndRetirement));
  }

  get expiryBasis(): StopBasis | null {
    return basisOf(this.#flags);
  }

  get stopsAt(): Date | null {
    return toInstant(this.#word(Word.stopsAt), this.#word(Word.stopAndRenewal));
  }

  get expiredAt(): Date | null {
    return toInstant(this.#word(Word.expiredAt), this.#word(Word.revocationAndEnd) >>> 16);
  }

  get revokedAt(): Date | null {
    return toInstant(this.#word(Word.revokedAt), this.#word(Word.revocationAndEnd));
  }

  get renewalDueAt(): Date | null {
    return toInstant(this.#word(Word.renewalDueAt), this.#word(Word.stopAndRenewal) >>> 16);
  }

  get retiresAt(): Date | null {
    return toInstant(this.#word(Word.retiresAt), this.#word(Word.expiryAndRetirement) >>> 16);
  }

  get firstUsedAt(): Date | null {
    return toInstant(this.#word(Word.firstUsedAt), this.#word(Word.firstUseAndGeneration));
  }

  get generation(): number {
    return this.#word(Word.firstUseAndGeneration) >>> 16;
  }

  get notBefore(): Date | null {
    return this.#origin.restrictions.notBefore;
  }

  get allowedAddresses(): readonly string[] {
    return this.#origin.restrictions.allowedAddresses;
  }

  get brownouts(): readonly KeyBrownout[] {
    return this.#origin.restrictions.brownouts;
  }

  get isHeld(): boolean {
    return (this.#flags & Flag.isHeld) !== 0;
  }

  get holdSources(): readonly string[] {
    return holdSourcesOf(this.#flags);
  }

  /** When the statement that read it began, to the second. */
  get loadedAtMs(): number {
    return (this.#word(Word.loadedAt) >>> 0) * 1000;
  }

  get #flags(): number {
    return this.#word(Word.flags);
  }

  #readTexts({ texts }: SharedValues): readonly (string | null)[] {
    const textAt = (word: number, flag: number) => ((this.#flags & flag) === 0 ? null : texts.get(this.#word(word)));
    return [
      textAt(Word.keyId, Flag.hasKeyText),
      textAt(Word.secretId, Flag.hasSecretText),
      textAt(Word.name, Flag.hasNameText),
    ];
  }

  #word(word: number): number {
    return this.#facts[word - DIGEST_WORDS] ?? 0;
  }

  #id(prefix: string, at: number): string {
    return formatId(prefix, this.#word(at), this.#word(at + 1), this.#word(at + 2), this.#word(at + 3));
  }
}
