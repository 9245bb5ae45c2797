import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { Event } from '../../prisma/generated/client/client.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import type { KeyRow } from '../../src/keys/key-row.ts';
import { openKeyWorld, success, type KeyWorld } from '../support/key-world.ts';
import type { CommandResult } from './execute-command.ts';
import { histories, type History, type Mix, type Step } from './history.ts';
import { newKey } from './model.ts';
import { ModelRun } from './model-run.ts';

const isLong = process.env['KEYTIDE_TEST_LONG'] !== undefined;

/** What the world shows of the key after a step. */
export interface Observation {
  readonly now: number;
  readonly step: Step | null;
  /** What was answered, to each request of the step. */
  readonly answers: readonly CommandResult[];
  readonly row: KeyRow;
  readonly events: readonly Event[];
  /** What a verifier would be told, by generation. */
  readonly outcomes: ReadonlyMap<number, string>;
  /** The secrets that were shown, by generation. */
  readonly secrets: ReadonlyMap<number, string>;
}

/** Looks at two states of a key, one step apart; `before` is null for a new one. Throws where a law is broken. */
export type Law = (after: Observation, before: Observation | null, world: KeyWorld) => void | Promise<void>;

/**
 * Drives random histories through the real use cases, on a real database, beside the model, and has the law looked at after
 * every step. A failure tells its seed and the shortest history that was found for it.
 */
export async function checkLaw(
  law: Law,
  { mix = {}, runs = 6, length = 14 }: { mix?: Mix; runs?: number; length?: number } = {},
): Promise<KeyWorld> {
  const world = await openKeyWorld();
  const property = fc.asyncProperty(histories(mix, isLong ? 40 : length), (history) => runHistory(world, history, law));
  const limit = isLong ? 200_000 : 20_000;
  await fc.assert(property, { numRuns: isLong ? runs * 40 : runs, interruptAfterTimeLimit: limit });
  expect(world.failures).toEqual([]);
  return world;
}

export const TIMEOUT = isLong ? 300_000 : 30_000;

async function runHistory(world: KeyWorld, { lifetimeDays, steps }: History, law: Law): Promise<void> {
  const ask = lifetimeDays === null ? null : { lifetimeMs: lifetimeDays * DAY_MS };
  const { keyId, secret } = await world.issue({ ask });
  const run = new ModelRun(world, keyId, secret, newKey(ask?.lifetimeMs ?? null, world.clock.now().getTime()));
  let before: Observation | null = null;
  for (const step of [null, ...steps]) {
    const answers = step === null ? [] : await run.take(step);
    const after = await run.observe(step, answers);
    await law(after, before, world);
    before = after;
  }
  success(await revokeKey(world, world.admin, { keyId, reason: 'the history is over' }));
}

/** What was told between two observations of one key. */
export function eventsSince({ events }: Observation, before: Observation): readonly Event[] {
  return events.slice(before.events.length);
}
