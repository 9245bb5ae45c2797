import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { entriesOf } from './history.ts';
import { startLoad } from './load.ts';
import { openOwnDatabase } from './own-database.ts';
import type { FaultyNode } from './nodes.ts';
import { openWorld } from './world.ts';

const isLong = Boolean(process.env['KEYTIDE_TEST_LONG']);

const MINUTE_MS = 60_000;
const LASTS_MS = isLong ? 60 * MINUTE_MS : 0.4 * MINUTE_MS;
const SETTLES_MS = 45_000;
const END_MS = 6_000;

/** How often the memory of the nodes is read. */
const EVERY_MS = LASTS_MS / 240;

/** What a node may hold more after the second half of the load than after the first, which is warm. */
const GROWTH = isLong ? 1.1 : 1.3;

test(
  `load: two nodes under ${LASTS_MS / MINUTE_MS} minutes of changes, verifications and subscriptions give no wrong answer, and their memory does not grow`,
  { timeout: 1.2 * LASTS_MS + 300_000 },
  async () => {
    const database = await openOwnDatabase();
    const world = await openWorld({ database, seed: 20_261_130, nodeCount: 2, collects: true });
    const load = await startLoad(world, { settleMs: SETTLES_MS, endMs: END_MS });
    const heaps = world.nodes.map((): number[] => []);
    const over = performance.now() + LASTS_MS;
    while (performance.now() < over) {
      await pause(EVERY_MS);
      for (const [index, node] of world.nodes.entries()) heaps[index]?.push(await heapOf(node));
    }
    const { broken, ...history } = await load.stop();
    const violations = check(history);
    const changes = entriesOf(history, 'CHANGED').length;
    const verified = entriesOf(history, 'VERIFIED');
    const heard = entriesOf(history, 'TOLD').length;
    const delivered = entriesOf(history, 'DELIVERED').length;
    const growths = heaps.map(growthOf);
    const events = history.events.length;
    const figures = { changes, verifications: verified.length, heard, delivered, events, growths };
    // For the reader of a long run.
    if (isLong) process.stdout.write(`${JSON.stringify({ ...figures, violations: violations.slice(0, 100) })}\n`);
    expect(violations.slice(0, 10)).toEqual([]);
    expect(broken).toEqual({});
    expect(world.nodes.map((node) => node.written())).toEqual(['', '']);
    expect(changes).toBeGreaterThan(LASTS_MS / 500);
    expect(verified.filter(({ answer }) => answer === 'VALID').length).toBeGreaterThan(LASTS_MS / 500);
    expect(heard).toBeGreaterThan(changes);
    expect(Math.max(...growths)).toBeLessThan(GROWTH);
  },
);

/** The bytes that a node uses of its heap, with the garbage of at most a second. */
async function heapOf(node: FaultyNode): Promise<number> {
  const text = await (await fetch(`${node.directUrl()}/metrics`)).text();
  return Number(/^nodejs_heap_size_used_bytes (\d+)/m.exec(text)?.[1]);
}

/** How much more a node held in the last quarter than in the second. The least of a quarter was read just after a collection. */
function growthOf(heaps: readonly number[]): number {
  const quarter = Math.floor(heaps.length / 4);
  return Math.min(...heaps.slice(-quarter)) / Math.min(...heaps.slice(quarter, 2 * quarter));
}
