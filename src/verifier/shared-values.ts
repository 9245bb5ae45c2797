import type { Scope } from '../domain/scope.ts';
import { parseId } from './id-words.ts';
import { freezeAll, Interned, textOf } from './interned.ts';
import type { FoundKey, StoredSecret, VerifiedRealm } from './stored-secret.ts';
import { Flag, Word } from './record-layout.ts';

export const KEY_PREFIX = 'key_';
export const SECRET_PREFIX = 'secret_';

/** How many characters of a name are in a record. */
const NAME_MAX = 31;

/** The facts of a realm, shared by all of its keys in memory: a change of the realm is one write. */
export interface RealmCell {
  facts: VerifiedRealm;
  /** How many origins have it. */
  useCount: number;
}

/** What restricts the use of a key. Few keys have any: they are with the origin, so that all others take no room for them. */
interface Restrictions {
  readonly notBefore: Date | null;
  readonly allowedAddresses: readonly string[];
}

const unrestricted: Restrictions = Object.freeze({ notBefore: null, allowedAddresses: Object.freeze([]) });

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
  readonly origins: Interned<Origin>;
  readonly #realms = new Map<string, RealmCell>();

  constructor(create: <Value>() => Interned<Value> = () => new Interned()) {
    this.texts = create();
    this.scopes = create();
    this.labels = create();
    this.origins = create();
  }

  /** How many values are held. */
  get size(): number {
    return this.texts.size + this.scopes.size + this.labels.size + this.origins.size + this.#realms.size;
  }

  realm(id: string): RealmCell | undefined {
    return this.#realms.get(id);
  }

  /** Writes where the shared values of a secret are, for one more record. The flags have been written. */
  take(stored: StoredSecret, words: Int32Array): void {
    const { scopes, labels } = stored;
    let flags = words[Word.flags] ?? 0;
    if (!parseId(stored.id, KEY_PREFIX, words, Word.keyId))
      flags |= this.#takeText(stored.id, words, Word.keyId, Flag.hasKeyText);
    if (!parseId(stored.secretId, SECRET_PREFIX, words, Word.secretId)) {
      flags |= this.#takeText(stored.secretId, words, Word.secretId, Flag.hasSecretText);
    }
    if (!writeName(stored.name, words)) flags |= this.#takeText(stored.name, words, Word.name, Flag.hasNameText);
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
    this.scopes.release(read(Word.scopes));
    this.labels.release(read(Word.labels));
    const realm = this.origins.release(read(Word.origin))?.realm;
    if (realm === undefined) return;
    realm.useCount -= 1;
    if (realm.useCount === 0) this.#realms.delete(realm.facts.id);
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

  #createOrigin(stored: StoredSecret): Origin {
    const { realmId, realmSlug, foldsCase, actions, ownerId, externalId, tokenRuleId } = stored;
    const facts = { id: realmId, slug: realmSlug, foldsCase, actions };
    const realm = this.#realms.get(realmId) ?? { facts, useCount: 0 };
    this.#realms.set(realmId, realm);
    realm.useCount += 1;
    return { realm, ownerId, externalId, tokenRuleId, restrictions: restrictionsOf(stored) };
  }
}

/** Returns a text that is the same for equal origins. */
function originTextOf(stored: StoredSecret): string {
  const { realmId, ownerId, tokenRuleId, externalId, notBefore, allowedAddresses } = stored;
  const text = [realmId, ownerId, tokenRuleId, ...(externalId === null ? [] : [externalId])].join('\0');
  const isRestricted = notBefore !== null || allowedAddresses.length > 0;
  return isRestricted ? `${text}\0\0${notBefore?.getTime() ?? ''}\0${allowedAddresses.join(',')}` : text;
}

function restrictionsOf({ notBefore, allowedAddresses }: StoredSecret): Restrictions {
  if (notBefore === null && allowedAddresses.length === 0) return unrestricted;
  return { notBefore, allowedAddresses: Object.freeze([...allowedAddresses]) };
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
function writeName(name: string, words: Int32Array): boolean {
  if (name.length > NAME_MAX) return false;
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
