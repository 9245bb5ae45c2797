import { inspect, isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { Interned } from '../../../src/verifier/interned.ts';
import type { StoredSecret } from '../../../src/verifier/stored-secret.ts';
import { RecordIndex } from '../../../src/verifier/record-index.ts';
import { RECORD_WORDS } from '../../../src/verifier/record-layout.ts';
import { Records } from '../../../src/verifier/records.ts';
import { SecretStore, type StoreParts } from '../../../src/verifier/secret-store.ts';
import { SharedValues } from '../../../src/verifier/shared-values.ts';
import { encodeUuid } from '../../../src/domain/id.ts';

const CAPACITY = 200;

/** How many secrets and keys a history has: more than fit. */
const SECRETS = 400;
const KEYS = 250;

const pick = <Value>(values: readonly Value[], number: number): Value => values[number % values.length]!;

/** A number from a seed and a name, the same each time. */
function numberOf(seed: number, name: string): number {
  let hash = seed | 0;
  for (const character of name) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return (Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) ^ (hash >>> 13)) >>> 0;
}

function bytesOf(seed: number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => numberOf(seed, `byte ${index}`) & 255);
}

const idOf = (prefix: string, seed: number) => `${prefix}_${encodeUuid(bytesOf(seed, 16))}`;

/** The digest of a secret. Some begin alike, so that they meet in the index. */
function digestOf(secret: number): Uint8Array {
  const digest = bytesOf(secret, 32);
  if (secret % 3 === 0) digest.set([7, 7, 7, secret % 2]);
  return digest;
}

/** What is stored of a secret when it has changed so often. */
function factsOf(secret: number, version: number): StoredSecret {
  const seed = secret * 1_000 + version;
  const choose = (name: string) => numberOf(seed, name);
  const moment = (name: string) =>
    pick([null, new Date(0), new Date(1.7e12 + choose(name)), new Date(2 ** 47)], choose(name) >>> 3);
  const key = secret % KEYS;
  const sources = ['ADMINISTRATOR', 'LEAK', 'MANAGER', 'OWNER', 'POLICY'].filter((name) => choose(name) % 4 === 0);
  return {
    id: pick([idOf('key', key), `key_from elsewhere ${key}`, `KEY_${key}`], key),
    secretId: secret % 7 === 0 ? `secret ${secret}` : idOf('secret', secret),
    name: pick(
      [
        '',
        'release',
        'ä ÿ',
        'x'.repeat(27),
        'x'.repeat(28),
        'x'.repeat(31),
        'y'.repeat(32),
        '鍵',
        `a long name of its own: ${seed}`,
      ],
      choose('name'),
    ),
    realmId: `realm_${key % 3}`,
    realmSlug: `slug-${key % 3}`,
    foldsCase: key % 3 === 0,
    actions: new Set([`act:${key % 3}`]),
    ownerId: idOf('account', choose('owner') % 5),
    externalId: pick([null, 'customer 1', '顧客'], choose('subject')),
    tokenRuleId: pick([null, 'rule_1'], choose('rule')),
    scopes: [{ action: 'a:b', resource: `R${choose('scope') % 6}` }],
    labels: Array.from({ length: choose('labels') % 3 }, (_, index) => ({
      name: `l${index}`,
      value: `${choose('v') % 4}`,
    })),
    expiresAt: moment('expiresAt'),
    expiryBasis: pick([null, 'HARD', 'BY_USE'] as const, choose('basis')),
    stopsAt: moment('stopsAt'),
    notBefore: pick([null, null, new Date(1.7e12 + choose('notBefore'))], choose('notBefore') >>> 3),
    allowedAddresses: pick([[], [], ['192.0.2.0/24'], ['10.0.0.0/8', '2001:db8::/32']], choose('addresses') >>> 3),
    warnings: pick(
      [
        [],
        [],
        [{ code: 'WILL_STOP', from: choose('warnings') % 3 }],
        [{ code: 'BROWNOUT_AHEAD', from: 2 ** 47 }],
      ] as const,
      choose('warnings') >>> 3,
    ),
    brownouts: pick(
      [[], [], [{ rolloutId: 'rollout_1', from: choose('brownouts') % 3, to: 7, consumers: ['ci'] }]],
      choose('brownouts') >>> 3,
    ),
    expiredAt: moment('expiredAt'),
    revokedAt: moment('revokedAt'),
    renewalDueAt: moment('renewalDueAt'),
    retiresAt: moment('retiresAt'),
    firstUsedAt: moment('firstUsedAt'),
    isHeld: sources.length > 0,
    holdSources: sources,
    generation: pick([1, 2, 400, 65_535], choose('generation')),
    digest: digestOf(secret),
  };
}

const STEPS = 2_500;

/** A store beside a map of what it may hold. */
class StoreHistory {
  readonly #store: SecretStore;
  readonly #model = new Map<string, StoredSecret>();

  constructor(parts?: StoreParts) {
    this.#store = new SecretStore(CAPACITY, parts);
  }

  run(seed: number): void {
    for (let step = 0; step < STEPS; step += 1) {
      try {
        this.#take(numberOf(seed, `secret ${step}`) % SECRETS, numberOf(seed, `change ${step}`) % 1_000);
      } catch (error) {
        throw new Error(`seed ${seed}, step ${step}: ${(error as Error).message}`, { cause: error });
      }
    }
    this.#checkAll();
    for (const { id } of this.#model.values()) this.#store.removeKey(id);
    expect([this.#store.size, [...this.#store.values()], this.#store.sharedSize], 'at the end').toEqual([0, [], 0]);
  }

  #take(secret: number, change: number): void {
    const facts = factsOf(secret, change);
    const digest = hexOf(facts);
    if (change < 550) {
      this.#store.put(facts, 5_000_000 + change);
      this.#model.set(digest, facts);
    }
    if (change < 850) return this.#check(digest, this.#model.get(digest));
    this.#store.removeKey(facts.id);
    for (const [each, { id }] of this.#model) if (id === facts.id) this.#model.delete(each);
    expect(this.#store.holds(facts.id), 'the removed key is held').toBe(false);
  }

  #check(digest: string, expected: StoredSecret | undefined): void {
    if (this.#store.size > CAPACITY) throw new Error('it holds too many');
    const known = this.#store.get(digest);
    // What was removed to make room is unknown to the model.
    if (known === undefined) return void this.#model.delete(digest);
    if (expected === undefined) throw new Error('found a secret that was removed');
    for (const [name, value] of Object.entries(expected)) {
      if (name === 'digest' || isDeepStrictEqual(known[name as keyof typeof known], value)) continue;
      throw new Error(`${name}: found ${inspect(known[name as keyof typeof known])}; expected ${inspect(value)}`);
    }
    if (!this.#store.digestsOf(expected.id).includes(digest)) throw new Error('its key does not have it');
    if (!this.#store.hasRealm(expected.realmId)) throw new Error('its realm is not held');
  }

  #checkAll(): void {
    const held = [...this.#store.values()];
    expect(held.length).toBe(this.#store.size);
    for (const known of held) {
      const digest = hexOf(known);
      this.#check(digest, this.#model.get(digest));
    }
    for (const [digest, facts] of this.#model) this.#check(digest, facts);
    expect(this.#model.size).toBe(this.#store.size);
  }
}

function hexOf({ digest }: { readonly digest: Uint8Array }): string {
  return Buffer.from(digest).toString('hex');
}

test('table: a flat store holds, field by field, what was put last and not removed, and at the end gives all back', () => {
  for (let seed = 1; seed <= 5; seed += 1) new StoreHistory().run(seed);
});

const parts: StoreParts = {
  createRecords: () => new Records(),
  createIndex: (hashOf) => new RecordIndex(hashOf),
  createValues: () => new SharedValues(),
};

/** Bugs in the parts of a flat store. The histories must find each of them. */
const bugs: readonly { readonly name: string; readonly found: RegExp; readonly parts: Partial<StoreParts> }[] = [
  {
    name: 'a record that is written in half',
    found: /step \d+: secretId: found/,
    parts: {
      createRecords: () =>
        new (class extends Records {
          protected override write(record: number, words: Int32Array): void {
            super.write(record, words.subarray(0, RECORD_WORDS / 2));
          }
        })(),
    },
  },
  {
    name: 'a record that stays in an index after it was removed',
    found: /step \d+: no value has the number/,
    parts: {
      createIndex: (hashOf) =>
        new (class extends RecordIndex {
          override remove(): void {}
        })(hashOf),
    },
  },
  {
    name: 'a key that is found by one of its secrets only',
    found: /step \d+: its key does not have it/,
    parts: {
      createIndex: (hashOf) =>
        new (class extends RecordIndex {
          override findAll(hash: number, matches: (record: number) => boolean): readonly number[] {
            return super.findAll(hash, matches).slice(0, 1);
          }
        })(hashOf),
    },
  },
  {
    name: 'a value that is counted once too few',
    found: /step \d+: no value has the number/,
    parts: {
      createValues: () =>
        new SharedValues(
          <Value>() =>
            new (class extends Interned<Value> {
              override take(text: string, make: () => Value): number {
                const isKnown = this.find(text) >= 0;
                const number = super.take(text, make);
                if (isKnown && this.size % 5 === 0) super.release(number);
                return number;
              }
            })(),
        ),
    },
  },
  {
    name: 'a value that is never given back',
    found: /at the end: expected/,
    parts: {
      createValues: () =>
        new (class extends SharedValues {
          override release(): void {}
        })(),
    },
  },
];

test.each(bugs)('table: the histories of a flat store find $name', (bug) => {
  expect(() => new StoreHistory({ ...parts, ...bug.parts }).run(1)).toThrow(bug.found);
});
