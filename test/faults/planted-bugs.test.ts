import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { freshDatabase } from '../support/database.ts';
import { check } from './check.ts';
import { startLoad } from './load.ts';
import { socketOf, runOn } from './own-database.ts';
import { type PlantedBug, plantedBugs } from './planted-bugs.ts';
import { openWorld, type World } from './world.ts';

const isLong = Boolean(process.env['KEYTIDE_TEST_LONG']);

/** So many changes show each of them; every one is of a kind that they are made of. */
const CHANGES = 50;

/** So many of them between two disturbances. */
const BETWEEN = 4;

/** Nothing goes wrong here that would take longer; a delivery that failed is tried again after 5 s and a half. */
const SETTLES_MS = 7_000;
const END_MS = 500;

/** How many are looked for at a time: they wait more than they work. */
const AT_ONCE = 3;

test('checker: finds each bug planted in a database or on a connection', { timeout: 400_000 }, async () => {
  // One of them in the log, and one in what is delivered; in the long form all.
  const waiting = [...plantedBugs.entries()].filter(([index]) => isLong || index % 7 === 0);
  const checkedBugs = waiting.map(([, bug]) => bug);
  const found = new Map<string, readonly string[]>();
  const look = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, bug] = next;
      found.set(bug.name, await rulesBroken(bug, index));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, look));
  for (const { name, rule } of checkedBugs) expect(found.get(name), name).toContain(rule);
});

/** What the checker finds of a short history with that bug. */
async function rulesBroken({ sql, through, needs }: PlantedBug, seed: number): Promise<readonly string[]> {
  const connectionString = await freshDatabase();
  const database = { connectionString, socket: () => socketOf(connectionString) };
  const options = { database, seed, nodeCount: 1 };
  const world = await openWorld(through === undefined ? options : { ...options, toCallersThrough: through });
  if (sql !== undefined) await runOn(connectionString, sql);
  const refused = needs === 'REFUSED_DELIVERIES' ? { refusesOneIn: 10 } : {};
  const load = await startLoad(world, { settleMs: SETTLES_MS, endMs: END_MS, ...refused });
  const changed = () => world.entries.filter(({ kind }) => kind === 'CHANGED').length;
  while (changed() < CHANGES) {
    const before = changed();
    await disturb(world, needs);
    // Not again before some have come through: on a slow machine none ever would.
    while (changed() < before + BETWEEN) await pause(20);
  }
  const history = await load.stop();
  return [...new Set(check(history).map(({ rule }) => rule))];
}

async function disturb({ nodes: [node] }: World, needs: PlantedBug['needs']): Promise<void> {
  const line = needs === 'LOST_ANSWERS' ? node?.toCallers : needs === 'LOST_DATABASE' ? node?.toDatabase : undefined;
  line?.cut();
  await pause(needs === 'LOST_DATABASE' ? 300 : 0);
  line?.mend();
}
