import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { STALE_MS } from '../../../src/keys/table/key-table.ts';
import { steps, TableHistory, type TableStep } from './history.ts';
import { openTwoNodes, type TableBug } from './two-nodes.ts';

/** Bugs in the table. The histories must find each of them. */
const bugs: readonly TableBug[] = [
  { name: 'a table that the log tells nothing', news: (changes, from) => (from === 'LOG' ? null : changes) },
  {
    name: 'a commit that its own node hears of only from the log',
    news: (changes, from) => (from === 'OWN' ? null : changes),
  },
  {
    name: 'an unknown secret that stays unknown once it is issued',
    news: (changes) => ({ ...changes, hasNewSecrets: false }),
  },
  { name: 'a realm whose change reaches none of its keys', news: (changes) => ({ ...changes, realmIds: [] }) },
  {
    name: 'an action that stays unknown once it is defined',
    actions: (names) => names.filter((name) => !name.startsWith('history:')),
  },
  { name: 'a change that reaches the table without its keys', news: (changes) => ({ ...changes, keyIds: [] }) },
  { name: 'a node that never counts as behind', freshness: (real) => ({ ...real, lagMs: () => 0 }) },
  {
    name: 'a stale bound that never comes',
    freshness: (real) => ({ ...real, lagMs: () => Math.min(real.lagMs(), STALE_MS) }),
  },
  { name: 'a refusal that is not confirmed', freshness: (real) => ({ ...real, catchUp: async () => undefined }) },
  {
    name: 'an older read that overwrites a newer one',
    rows: (rows, earlier) => (earlier.length === rows.length ? earlier : rows),
  },
  { name: 'a key that is read without its holds', rows: (rows) => rows.map((row) => ({ ...row, isHeld: false })) },
  {
    name: 'a secret that is read without its retirement',
    rows: (rows) => rows.map((row) => ({ ...row, retiresAt: null })),
  },
  {
    name: 'a table that is filled with what has changed since the snapshot',
    filling: (filling) => Object.assign(filling, { note: () => undefined }),
  },
  { name: 'an expiry by time that is judged when the node started', hasStoppedClock: true },
];

const on = (node: 0 | 1, does: string, which = 0) => ({ do: does, node, which }) as TableStep;

/** Histories in which something goes wrong that is rare in random ones. */
const examples: readonly (readonly TableStep[])[] = [
  [on(0, 'ask', 1), on(0, 'cut'), on(0, 'hold'), on(0, 'ask', 1)],
  [on(1, 'ask', 1), on(0, 'revoke'), on(1, 'catchUp'), on(1, 'pass', 2_001), on(1, 'ask', 1)],
  [on(1, 'ask', 1), on(1, 'cut'), on(0, 'hold'), on(1, 'pass', 1_999), on(1, 'pass', 500), on(1, 'ask', 1)],
  [on(1, 'ask', 1), on(1, 'away'), on(0, 'hold'), on(1, 'pass', 4_999), on(1, 'pass', 500), on(1, 'ask', 1)],
  [on(0, 'hold'), on(1, 'ask', 1), on(1, 'cut'), on(0, 'resume'), on(1, 'ask', 1)],
  [on(0, 'foldCase'), on(1, 'ask', 1), on(0, 'foldCase'), on(1, 'pass', 2_001), on(1, 'ask', 1), on(0, 'foldCase')],
  [on(0, 'rotate'), on(1, 'ask', 1), on(1, 'pass', 3_600_000), on(1, 'ask', 1), on(1, 'ask', 2)],
  [on(1, 'ask', 1), on(0, 'defineAction'), on(1, 'ask', 1)],
  [
    // The first key is not asked about on the node that is filled.
    ...[on(0, 'issue'), on(0, 'issue'), on(0, 'issue'), on(1, 'fill')],
    ...[on(0, 'hold'), on(0, 'pass', 2_001), on(1, 'fill'), on(1, 'ask', 1)],
  ],
  [on(0, 'shorten'), on(0, 'ask', 1), on(0, 'pass', 4_999), on(0, 'ask', 1)],
];

test.each(bugs)('verification from memory: the histories find $name', { timeout: 300_000 }, async (bug) => {
  const two = await openTwoNodes(bug);
  const details = await fc.check(
    fc.asyncProperty(steps, (all) => new TableHistory(two).run(all)),
    { numRuns: 60, interruptAfterTimeLimit: 200_000, endOnFailure: true, examples: examples.map((one) => [[...one]]) },
  );
  expect(details.failed).toBe(true);
  expect(String((details.errorInstance as Error).message)).toMatch(/accepts|refuses|to equal/);
});
