import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { describeWarnings } from '../../src/domain/verification-warning.ts';
import { MemoryAnswers } from '../../src/verifier/memory-answers.ts';
import type { UseSlot } from '../../src/verifier/pending-uses.ts';
import { RecordIndex } from '../../src/verifier/record-index.ts';
import { Word } from '../../src/verifier/record-layout.ts';
import { Records } from '../../src/verifier/records.ts';
import { SecretStore } from '../../src/verifier/secret-store.ts';
import { SharedValues } from '../../src/verifier/shared-values.ts';
import type { StoredSecret } from '../../src/verifier/stored-secret.ts';
import { UseReports, type UsesBody } from '../../src/verifier/use-reports.ts';

const SECRETS = 40;
const CAPACITY = 30;
const RESOURCES = ['Acme.0', 'Acme.1', 'Acme.2'];
const CONSUMERS = ['ci', 'laptop', undefined];

const actions = new Set(['package:push']);

/** A number from another one, the same each time. */
function mix(number: number): number {
  const hashed = Math.imul(number ^ (number >>> 16), 0x45d9f3b);
  return (Math.imul(hashed ^ (hashed >>> 16), 0x45d9f3b) ^ (hashed >>> 13)) >>> 0;
}

const pick = <Value>(values: readonly Value[], number: number): Value => values[number % values.length]!;

const textOf = (secret: number) => `secret ${secret}`;

function factsOf(secret: number, version: number): StoredSecret {
  const ownConsumer = version % 2 === 0 ? [] : [{ name: 'ci/consumer', value: `own ${version % 3}` }];
  return {
    id: `key_${secret}`,
    secretId: `secret_${secret}`,
    name: '',
    realmId: 'realm_1',
    realmSlug: 'default',
    foldsCase: false,
    actions,
    ownerId: `owner ${version}`,
    externalId: version % 3 === 0 ? null : `customer ${version % 3}`,
    tokenRuleId: null,
    scopes: [{ action: 'package:push', resource: pick(RESOURCES, version) }],
    labels: [{ name: 'team', value: `${version % 7}` }, ...ownConsumer],
    expiresAt: null,
    expiryBasis: null,
    stopsAt: version % 2 === 0 ? null : new Date(version),
    notBefore: null,
    allowedAddresses: [],
    warnings: version % 4 === 0 ? [{ code: 'WILL_STOP', from: (version % 5) * DAY_MS }] : [],
    brownouts: [],
    expiredAt: null,
    revokedAt: null,
    renewalDueAt: null,
    retiresAt: null,
    firstUsedAt: null,
    isHeld: false,
    holdSources: [],
    generation: 1,
    digest: hash('sha256', textOf(secret), 'buffer'),
  };
}

/** What of a history a bug may be in. */
interface Parts {
  readonly createRecords?: () => Records;
  readonly createReports?: (options: ConstructorParameters<typeof UseReports>[0]) => UseReports;
}

/** Random changes and uses of secrets, beside what their answers show and how often each was used. */
class AnswerHistory {
  readonly #store: SecretStore;
  readonly #reports: UseReports;
  readonly #answers: MemoryAnswers;
  readonly #held = new Map<number, StoredSecret>();
  readonly #expected = new Map<string, number>();
  readonly #reported = new Map<string, number>();
  #nowMs = DAY_MS / 2;

  constructor({ createRecords, createReports = (options) => new UseReports(options) }: Parts = {}) {
    this.#store = new SecretStore(CAPACITY, {
      createRecords: createRecords ?? (() => new Records()),
      createIndex: (hashOf) => new RecordIndex(hashOf),
      createValues: () => new SharedValues(),
    });
    this.#reports = createReports({
      send: async (body) => this.#receive(body),
      intervalMs: 60_000,
      onFailure: (error) => {
        throw error;
      },
    });
    this.#answers = new MemoryAnswers(this.#reports);
  }

  async run(seed: number): Promise<void> {
    for (let step = 0; step < 3_000; step += 1) {
      const number = mix(seed * 100_003 + step);
      const secret = mix(number) % SECRETS;
      const kind = number % 100;
      if (kind < 8) this.#put(secret, step);
      else if (kind < 12) this.#remove(secret);
      else if (kind < 13) await this.#reports.flush();
      else if (kind < 14) this.#nowMs += DAY_MS / 4;
      else this.#use(secret, pick(CONSUMERS, mix(number + 1)));
    }
    await this.#reports.close();
    expect(this.#reported, 'reported').toEqual(this.#expected);
    expect(this.#reported.size).toBeGreaterThan(SECRETS);
  }

  #put(secret: number, version: number): void {
    const facts = factsOf(secret, version);
    this.#store.removeKey(facts.id);
    this.#store.put(facts, 0);
    this.#held.set(secret, facts);
  }

  #remove(secret: number): void {
    this.#store.removeKey(`key_${secret}`);
    this.#held.delete(secret);
  }

  #use(secret: number, consumer: string | undefined): void {
    const found = this.#store.view(textOf(secret));
    // What was removed to make room is unknown to this model.
    if (found === undefined) return void this.#held.delete(secret);
    const facts = this.#held.get(secret);
    if (facts === undefined) throw new Error('found a secret that was removed');
    this.#nowMs += 1;
    const purpose = { action: 'package:push', resource: pick(RESOURCES, this.#nowMs) };
    const asked = consumer === undefined ? {} : { consumer };
    const answer = this.#answers.answer(found, asked, purpose, this.#nowMs, this.#nowMs);
    const isCovered = facts.scopes[0]?.resource === purpose.resource;
    expect(answer?.outcome ?? 'REFUSED', 'decided').toBe(isCovered ? 'VALID' : 'REFUSED');
    if (answer === null) return;
    const { key, stopsAt, warnings } = answer;
    const { id, ownerId, externalId, labels, scopes, stopsAt: expectedStop } = facts;
    const subject = externalId === null ? null : { externalId };
    expect({ key, stopsAt, warnings }, 'shown').toEqual({
      warnings: describeWarnings(facts.warnings),
      key: { id, realm: 'default', ownerId, subject, labels, scopes },
      stopsAt: expectedStop,
    });
    const own = labels.find(({ name }) => name === 'ci/consumer')?.value ?? '';
    const day = Math.floor(this.#nowMs / DAY_MS);
    addTo(this.#expected, `${id} ${consumer ?? own} ${new Date(day * DAY_MS).toISOString().slice(0, 10)}`, 1);
  }

  #receive({ items }: UsesBody): void {
    for (const item of items) {
      const { keyId, consumer, day, count } = item as { keyId: string; consumer: string; day: string; count: number };
      addTo(this.#reported, `${keyId} ${consumer} ${day}`, count);
    }
  }
}

function addTo(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}

test('memory answers: each shows its key as it is, and all are reported, whatever changes and is reported between them', async () => {
  for (let seed = 1; seed <= 3; seed += 1) await new AnswerHistory().run(seed);
});

/** Bugs in what is at hand of a record. The histories must find each of them. */
const bugs: readonly { readonly name: string; readonly found: RegExp; readonly parts: Parts }[] = [
  {
    name: 'what is at hand of a record that was written since',
    found: /shown|decided/,
    parts: {
      createRecords: () =>
        new (class extends Records {
          protected override write(record: number, words: Int32Array): void {
            const atHand = this.read(record, Word.atHand);
            super.write(record, words);
            this.set(record, Word.atHand, atHand);
          }
        })(),
    },
  },
  {
    name: 'uses that are counted and never collected',
    found: /reported/,
    parts: {
      createReports: (options) =>
        new (class extends UseReports {
          override collectFrom(): void {}
        })(options),
    },
  },
  {
    name: 'a use that is not counted',
    found: /reported/,
    parts: {
      createReports: (options) =>
        new (class extends UseReports {
          override add(slot: UseSlot, count: number, lastMs: number): void {
            super.add(slot, count - 1, lastMs);
          }
        })(options),
    },
  },
];

test.each(bugs)('memory answers: the histories find $name', async ({ found, parts }) => {
  await expect(new AnswerHistory(parts).run(1)).rejects.toThrow(found);
});

test('memory answers: the key of an answer, which others share, cannot be changed', () => {
  const store = new SecretStore(CAPACITY);
  const answers = new MemoryAnswers(
    new UseReports({ send: async () => undefined, intervalMs: 60_000, onFailure: () => undefined }),
  );
  store.put(factsOf(1, 1), 0);
  const [first, next] = [1, 2].map((nowMs) => answers.answer(store.view(textOf(1))!, {}, null, nowMs, nowMs));
  expect(next?.key).toBe(first?.key);
  const { key } = first!;
  for (const part of [key, key?.subject, key?.labels, key?.labels[0], key?.scopes, key?.scopes[0]])
    expect(Object.isFrozen(part)).toBe(true);
});

test('memory answers: a date that the reader of an answer has changed is right in the next one', () => {
  const store = new SecretStore(CAPACITY);
  const answers = new MemoryAnswers(
    new UseReports({ send: async () => undefined, intervalMs: 60_000, onFailure: () => undefined }),
  );
  const facts = factsOf(1, 1);
  store.put(facts, 0);
  const answer = () => answers.answer(store.view(textOf(1))!, {}, null, 5, 4)!;
  for (const date of [answer().stopsAt, answer().asOf]) date?.setTime(0);
  expect(answer()).toMatchObject({ stopsAt: facts.stopsAt, asOf: new Date(4) });
});
