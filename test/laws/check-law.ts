import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { Event } from '../../prisma/generated/client/client.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { openKeyWorld, success, type KeyWorld } from '../support/key-world.ts';
import { assertProperty } from './assert-property.ts';
import { histories, type History, type Mix } from './history.ts';
import { newKey } from './model.ts';
import { ModelRun, type Observation } from './model-run.ts';

const isLong = process.env['KEYTIDE_TEST_LONG'] !== undefined;

/** Checks a law on two states of a key, one step apart; `before` is null for a new key. Throws if the law is broken. */
export type Law = (after: Observation, before: Observation | null, world: KeyWorld) => void | Promise<void>;

interface CheckOptions {
  readonly mix?: Mix;
  readonly runs?: number;
  readonly length?: number;
  readonly examples?: History[];
}

/**
 * Runs random histories through the real use cases on a real database, beside the model, and checks the law after every
 * step. A failure reports its seed and the shortest history that fast-check found. Histories given as `examples` run
 * first.
 */
export async function checkLaw(
  law: Law,
  { mix = {}, runs = 6, length = 14, examples = [] }: CheckOptions = {},
): Promise<KeyWorld> {
  const world = await openKeyWorld();
  const property = fc.asyncProperty(histories(mix, isLong ? 40 : length), (history) => runHistory(world, history, law));
  await assertProperty(property, {
    numRuns: isLong ? runs * 40 : runs,
    minRuns: isLong ? runs * 10 : Math.ceil(runs / 2),
    timeLimitMs: isLong ? 200_000 : 40_000,
    examples,
  });
  expect(world.failures).toEqual([]);
  return world;
}

export const TIMEOUT = isLong ? 300_000 : 120_000;

async function runHistory(world: KeyWorld, { lifetimeDays, steps }: History, law: Law): Promise<void> {
  const ask = lifetimeDays === null ? null : { lifetimeMs: lifetimeDays * DAY_MS };
  const { keyId, secret } = await world.issue({ ask });
  const run = new ModelRun(world, keyId, secret, newKey(ask?.lifetimeMs ?? null, world.clock.now().getTime()));
  let before: Observation | null = null;
  for (const step of [null, ...steps]) {
    const results = step === null ? [] : await run.run(step);
    const after = await run.observe(step, results);
    await law(after, before, world);
    before = after;
  }
  success(await revokeKey(world, world.admin, { keyId, reason: 'the history is over' }));
}

/** Returns the events that were recorded between two observations of a key. */
export function eventsSince({ events }: Observation, before: Observation): readonly Event[] {
  return events.slice(before.events.length);
}
