import { expect, test } from 'vitest';
import { rehearseInTurn } from '../../src/log/rehearsal-turns.ts';

/** A rehearsal that a test ends, and whether it has begun. */
function rehearsal() {
  const { promise, resolve } = Promise.withResolvers<string>();
  const state = { hasBegun: false };
  const run = () => {
    state.hasBegun = true;
    return promise;
  };
  return { state, run, end: resolve };
}

test('rehearsals in turn: each of a name begins when the one before it has ended or failed, others at once', async () => {
  const [first, second, other] = [rehearsal(), rehearsal(), rehearsal()];
  const results = [
    rehearseInTurn('one', () => first.run().then(() => Promise.reject(new Error('no')))),
    rehearseInTurn('one', second.run),
    rehearseInTurn('other', other.run),
  ];
  const settled = Promise.allSettled(results);
  other.end('other');
  expect(await results[2]).toBe('other');
  expect([first.state.hasBegun, second.state.hasBegun]).toEqual([true, false]);
  first.end('first');
  second.end('second');
  expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  expect(await rehearseInTurn('one', () => Promise.resolve('again'))).toBe('again');
});

test('rehearsals in turn: one that takes long delays the next by a second at most', async () => {
  const long = rehearsal();
  const first = rehearseInTurn('long', long.run);
  const began = performance.now();
  expect(await rehearseInTurn('long', () => Promise.resolve('second'))).toBe('second');
  expect(performance.now() - began).toBeGreaterThan(900);
  long.end('first');
  expect(await first).toBe('first');
});
