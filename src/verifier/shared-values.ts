import { noBrownouts, type KeyBrownout } from '../domain/brownout.ts';
import type { Scope } from '../domain/scope.ts';
import type { StoredWarning } from '../domain/verification-warning.ts';
import { parseId } from './id-words.ts';
import { freezeAll, Interned, textOf } from './interned.ts';
import type { FoundKey, StoredSecret, VerifiedRealm } from './stored-secret.ts';
import { Flag, Word } from './record-layout.ts';

export const KEY_PREFIX = 'key_';
export const SECRET_PREFIX = 'secret_';

/** How many characters of a name are in a record: fewer in one that has warnings. */
const NAME_MAX = 31;
const NAME_BESIDE_WARNINGS_MAX = 27;

/** The facts of a realm, shared by all of its keys in memory: a change of the realm is one write. */
export interface RealmCell {
  facts: VerifiedRealm;
  /** How many origins have it. */
  useCount: number;
}

/** What restricts the use of a key. Few keys have any: they are with the origin, so that all others take no room for them. */
export interface Restrictions {
  readonly notBefore: Date | null;
  readonly allowedAddresses: readonly string[];
  readonly brownouts: readonly KeyBrownout[];
}

export const unrestricted: Restrictions = Object.freeze({
  notBefore: null,
  allowedAddresses: Object.freeze([]),
  brownouts: noBrownouts,
});

/** Where a key belongs, and what restricts its use. */
export interface Origin {
  readonly realm: RealmCell;
  readonly ownerId: string;
  readonly externalId: string | null;
  readonly tokenRuleId: string | null;
  readonly restrictions: Restrictions;
}

/** What records have in common: held once, counted, and given back when no record has it any more. */
export class SharedValues {
  readonly texts: Interned<string>;
  readonly scopes: Interned<readonly Scope[]>;
  readonly labels: Interned<FoundKey['labels']>;
  readonly warnings: Interned<readonly StoredWarning[]>;
  readonly origins: Interned<Origin>;
  readonly #realms = new Map<string, RealmCell>();
  #onlyRealm: RealmCell | null = null;

  constructor(create: <Value>() => Interned<Value> = () => new Interned()) {
    this.texts = create();
    this.scopes = create();
    this.labels = create();
    this.warnings = create();
    this.origins = create();
  }

  /** How many values are held. */
  get size(): number {
    const { texts, scopes, labels, warnings, origins } = this;
    return texts.size + scopes.size + labels.size + warnings.size + origins.size + this.#realms.size;
  }

  /** The realm of all records. Null: they have several, or none. */
  get onlyRealm(): RealmCell | null {
    return this.#onlyRealm;
  }

  realm(id: string): RealmCell | undefined {
    return this.#realms.get(id);
  }

  /** Writes where the shared values of a secret are, for one more record. The flags have been written. */
  take(stored: StoredSecret, words: Int32Array): void {
    const { scopes, labels, warnings } = stored;
    let flags = words[Word.flags] ?? 0;
    if (!parseId(stored.id, KEY_PREFIX, words, Word.keyId))
      flags |= this.#takeText(stored.id, words, Word.keyId, Flag.hasKeyText);
    if (!parseId(stored.secretId, SECRET_PREFIX, words, Word.secretId)) {
      flags |= this.#takeText(stored.secretId, words, Word.secretId, Flag.hasSecretText);
    }
    const nameMax = warnings.length > 0 ? NAME_BESIDE_WARNINGS_MAX : NAME_MAX;
    if (!writeName(stored.name, words, nameMax))
      flags |= this.#takeText(stored.name, words, Word.name, Flag.hasNameText);
    if (isRestricted(stored)) flags |= Flag.isRestricted;
    if (warnings.length > 0) {
      flags |= Flag.hasWarnings;
      words[Word.warnings] = this.warnings.take(textOf(warnings), () => freezeAll(warnings));
    }
    words[Word.flags] = flags;
    words[Word.scopes] = this.scopes.take(textOf(scopes), () => freezeAll(scopes));
    words[Word.labels] = this.labels.take(textOf(labels), () => freezeAll(labels));
    words[Word.origin] = this.origins.take(originTextOf(stored), () => this.#createOrigin(stored));
  }

  /** Gives the values of a record back; `read` returns a word of it. */
  release(read: (word: number) => number): void {
    const flags = read(Word.flags);
    if ((flags & Flag.hasKeyText) !== 0) this.texts.release(read(Word.keyId));
    if ((flags & Flag.hasSecretText) !== 0) this.texts.release(read(Word.secretId));
    if ((flags & Flag.hasNameText) !== 0) this.texts.release(read(Word.name));
    if ((flags & Flag.hasWarnings) !== 0) this.warnings.release(read(Word.warnings));
    this.scopes.release(read(Word.scopes));
    this.labels.release(read(Word.labels));
    const realm = this.origins.release(read(Word.origin))?.realm;
    if (realm === undefined) return;
    realm.useCount -= 1;
    if (realm.useCount > 0) return;
    this.#realms.delete(realm.facts.id);
    this.#findOnlyRealm();
  }

  /** Writes the words by which a key is found. Returns the flag that a record of it has; -1: no record can have it. */
  writeKeyId(keyId: string, words: Int32Array): number {
    if (parseId(keyId, KEY_PREFIX, words, 0)) return 0;
    words[0] = this.texts.find(keyId);
    words.fill(0, 1, 4);
    return words[0] < 0 ? -1 : Flag.hasKeyText;
  }

  #takeText(text: string, words: Int32Array, at: number, flag: number): number {
    words[at] = this.texts.take(text, () => text);
    words.fill(0, at + 1, at + 4);
    return flag;
  }

  #findOnlyRealm(): void {
    const [first = null] = this.#realms.size === 1 ? this.#realms.values() : [];
    this.#onlyRealm = first;
  }

  #createOrigin(stored: StoredSecret): Origin {
    const { realmId, realmSlug, foldsCase, actions, ownerId, externalId, tokenRuleId } = stored;
    const facts = { id: realmId, slug: realmSlug, foldsCase, actions };
    const realm = this.#realms.get(realmId) ?? { facts, useCount: 0 };
    this.#realms.set(realmId, realm);
    this.#findOnlyRealm();
    realm.useCount += 1;
    return { realm, ownerId, externalId, tokenRuleId, restrictions: restrictionsOf(stored) };
  }
}

function isRestricted({ notBefore, allowedAddresses, brownouts }: StoredSecret): boolean {
  return notBefore !== null || allowedAddresses.length > 0 || brownouts.length > 0;
}

/** Returns a text that is the same for equal origins. */
function originTextOf(stored: StoredSecret): string {
  const { realmId, ownerId, tokenRuleId, externalId, notBefore, allowedAddresses, brownouts } = stored;
  const text = [realmId, ownerId, tokenRuleId, ...(externalId === null ? [] : [externalId])].join('\0');
  if (!isRestricted(stored)) return text;
  return `${text}\0\0${notBefore?.getTime() ?? ''}\0${allowedAddresses.join(',')}\0${JSON.stringify(brownouts)}`;
}

function restrictionsOf(stored: StoredSecret): Restrictions {
  if (!isRestricted(stored)) return unrestricted;
  const { notBefore, allowedAddresses, brownouts } = stored;
  return { notBefore, allowedAddresses: Object.freeze([...allowedAddresses]), brownouts: freezeAll(brownouts) };
}

/** Returns the name in words that were copied from a record, at an index. */
export function readName(words: readonly number[], at: number): string {
  const length = (words[at] ?? 0) & 0xff;
  let name = '';
  for (let byte = 1; byte <= length; byte += 1) {
    name += String.fromCharCode(((words[at + (byte >> 2)] ?? 0) >>> ((byte & 3) * 8)) & 0xff);
  }
  return name;
}

/** Writes a name. Returns whether it fits. */
function writeName(name: string, words: Int32Array, max: number): boolean {
  if (name.length > max) return false;
  words.fill(0, Word.name);
  words[Word.name] = name.length;
  for (let byte = 1; byte <= name.length; byte += 1) {
    const code = name.charCodeAt(byte - 1);
    if (code > 0xff) return false;
    const at = Word.name + (byte >> 2);
    words[at] = (words[at] ?? 0) | (code << ((byte & 3) * 8));
  }
  return true;
}
