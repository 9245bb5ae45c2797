import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { type PlannedFault, planRounds } from './fault.ts';
import { entriesOf, type History } from './history.ts';
import { startLoad } from './load.ts';
import type { FaultyNode } from './nodes.ts';
import { openOwnDatabase } from './own-database.ts';
import { openWorld } from './world.ts';
import { LEAK_REPORT } from './writer.ts';

const isLong = Boolean(process.env['KEYTIDE_TEST_LONG']);

const ROUNDS = 10;
const SHARE_OF_LONG = isLong ? 0.05 : 0;
const SEEDS = Array.from({ length: isLong ? 20 : 1 }, (_, index) => 20_261_126 + index);

/** After the last fault a node is ready again within so long. */
const RECOVERS_MS = 15_000;

/** A webhook that a node had when it was killed is another one's after 30 s, and then there is more to deliver. */
const SETTLES_MS = 45_000;

/** How far ahead keys are made to end: further than it takes to be heard, as a rule. */
const END_MS = 6_000;

test.for(SEEDS)(
  `faults: ${ROUNDS} rounds lose, duplicate and invent nothing, and accept no secret too late (seed %i)`,
  { timeout: 400_000 },
  async (seed) => {
    const database = await openOwnDatabase();
    const world = await openWorld({ database, seed, nodeCount: 3 });
    const load = await startLoad(world, { settleMs: SETTLES_MS, endMs: END_MS });
    const rounds = planRounds({
      draw: world.draw,
      count: ROUNDS,
      nodes: world.nodes,
      shared: { database, mails: world.mails },
      shareOfLong: SHARE_OF_LONG,
    });
    for (const [index, round] of rounds.entries()) {
      await Promise.all(round.map(runFault));
      await Promise.all(
        world.nodes.map((node) => untilReady(node, `round ${index}: ${round.map(({ name }) => name)}`)),
      );
    }
    const { broken, ...history } = await load.stop();
    expect(check(history).slice(0, 10)).toEqual([]);
    expect(broken).toEqual({});
    expect(world.nodes.map((node) => node.written())).toEqual(['', '', '']);
    expectEnough(history);
  },
);

/** A history in which nothing went wrong, or nothing went on, would prove nothing. */
function expectEnough(history: History): void {
  const verified = entriesOf(history, 'VERIFIED');
  const answers = Object.groupBy(verified, ({ answer }) => answer);
  const count = (answer: string) => answers[answer]?.length ?? 0;
  expect(entriesOf(history, 'CHANGED').length).toBeGreaterThan(50);
  for (const answer of ['VALID', 'KEY_REVOKED', 'NO_ANSWER', 'UNAVAILABLE']) {
    expect(count(answer), answer).toBeGreaterThan(5);
  }
  expect(entriesOf(history, 'SUBSCRIBED').length).toBeGreaterThan(ROUNDS / 2);
  const eventTypes = new Set(history.events.map(({ type }) => type));
  expect(eventTypes).toContain('KEY_EXPIRED');
  expect(eventTypes).toContain('KEY_EXPIRING');
  const leaks = entriesOf(history, 'CHANGED').filter(({ mutation }) => mutation === LEAK_REPORT);
  expect(leaks.length).toBeGreaterThan(1);
}

async function runFault({ at, lastsMs, fault }: PlannedFault): Promise<void> {
  await pause(at);
  await fault.begin();
  await pause(lastsMs);
  await fault.end();
}

/** Resolves when the node is ready, and fails when it is not in time. It has to say that it lives all the while. */
async function untilReady(node: FaultyNode, after: string): Promise<void> {
  const over = performance.now() + RECOVERS_MS;
  for (;;) {
    const ready = await fetch(`${node.directUrl()}/readyz`);
    if (ready.ok) return;
    expect((await fetch(`${node.directUrl()}/livez`)).status, after).toBe(200);
    if (performance.now() > over) expect.fail(`node ${node.number} does not recover, ${after}: ${await ready.text()}`);
    await pause(50);
  }
}
