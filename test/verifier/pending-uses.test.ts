import { expect, test } from 'vitest';
import { PendingUses } from '../../src/verifier/pending-uses.ts';

const limits = { secrets: 100, consumers: 100 };

function secret(name: string, secretLow?: number, secretHigh?: number) {
  return { id: `key_${name}`, secretId: `secret_${name}`, secretLow, secretHigh };
}

test('pending uses: secrets whose first number is the same are kept apart', () => {
  const pending = new PendingUses(limits);
  const [one, other] = [secret('one', 7, 1), secret('other', 7, 2)];
  for (const [used, atMs] of [
    [one, 1],
    [other, 2],
    [one, 3],
    [other, 4],
    [other, 5],
  ] as const) {
    pending.add(used, 'ci', atMs, atMs, 1);
  }
  expect(pending.size).toBe(2);
  expect(pending.take()).toMatchObject([
    { secretId: 'secret_one', keyId: 'key_one', firstMs: 1, lastMs: 3, useCount: 2 },
    { secretId: 'secret_other', keyId: 'key_other', firstMs: 2, lastMs: 5, useCount: 3 },
  ]);
  expect([pending.size, pending.take()]).toEqual([0, []]);
});

test('pending uses: a secret that is known by its numbers and by its text is taken once', () => {
  const pending = new PendingUses(limits);
  pending.add(secret('one', 7, 1), 'ci', 10, 10, 1);
  pending.add(secret('one'), 'ci', 5, 5, 1);
  pending.add(secret('one'), 'laptop', 7, 7, 1);
  expect(pending.take()).toMatchObject([
    { consumer: 'ci', firstMs: 5, lastMs: 10, useCount: 2 },
    { consumer: 'laptop', useCount: 1 },
  ]);
});

test('pending uses: the uses of some secrets are taken alone, and all of them', () => {
  const pending = new PendingUses(limits);
  pending.add(secret('one', 7, 1), 'ci', 1, 1, 1);
  pending.add(secret('one', 7, 1), 'laptop', 1, 1, 1);
  pending.add(secret('one'), 'ci', 2, 2, 1);
  pending.add(secret('two', 8, 1), 'ci', 1, 1, 1);
  expect(pending.takeSecrets(new Set(['secret_one']))).toMatchObject([
    { consumer: 'ci', useCount: 2 },
    { consumer: 'laptop', useCount: 1 },
  ]);
  expect(pending.take()).toMatchObject([{ secretId: 'secret_two' }]);
});

test('pending uses: further consumers are folded at the limit, and never a use is dropped', () => {
  const pending = new PendingUses({ secrets: 100, consumers: 2 });
  for (const consumer of ['a', 'b', 'c', 'd', 'e', 'a', 'b']) pending.add(secret('one', 7, 1), consumer, 1, 1, 1);
  expect(pending.isFull).toBe(true);
  const uses = pending.take();
  expect(uses.map(({ consumer, useCount }) => [consumer, useCount])).toEqual([
    ['a', 2],
    ['b', 2],
    ['c', 1],
    ['(others)', 2],
  ]);
});

test('pending uses: they are taken in parts of one day and of at most so many, and each once', () => {
  const pending = new PendingUses(limits);
  const expected: string[] = [];
  for (let number = 0; number < 25; number += 1) {
    const atMs = (number % 3) * 86_400_000 + number;
    pending.add(number % 2 === 0 ? secret(`${number}`, number, 1) : secret(`${number}`), 'ci', atMs, atMs, 1);
    expected.push(`secret_${number}`);
  }
  pending.add(secret('0', 0, 1), 'laptop', 1, 1, 1);
  expected.push('secret_0');
  const parts = pending.takeParts(4);
  // What comes later is of the next time.
  pending.add(secret('later', 99, 1), 'ci', 1, 1, 1);
  const taken = [...parts];
  expect(taken.flatMap((part) => part.map(({ secretId }) => secretId)).toSorted()).toEqual(expected.toSorted());
  for (const part of taken) {
    expect(part.length).toBeLessThanOrEqual(4);
    expect(new Set(part.map(({ day }) => day)).size).toBe(1);
    expect(new Set(part.map(({ secretId, consumer }) => `${secretId} ${consumer}`)).size).toBe(part.length);
  }
  expect(pending.take()).toMatchObject([{ secretId: 'secret_later' }]);
});
