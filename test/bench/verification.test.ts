import { expect, onTestFinished, test } from 'vitest';
import { goals, reaches } from '../../bench/goals.ts';
import { measureFullLoad } from '../../bench/verify/measure.ts';
import { openVerifyWorld } from '../../bench/verify/world.ts';

/** A part of a goal that is reached on a busy machine too. */
const PART = 0.5;

test('bench: POST /verify and verifyKey reach half of their goals, in the best of three rounds', async () => {
  const world = await openVerifyWorld(300);
  onTestFinished(() => world.stop());
  const [bare, verify, verifyKey] = await measureFullLoad(world, { rounds: 3, roundMs: 250 });
  expect(Math.min(...bare!.rates)).toBeGreaterThan(0);
  for (const [name, measured] of [
    ['verify', verify],
    ['verifyKey', verifyKey],
  ] as const) {
    const best = Math.max(...measured!.ratios);
    expect(reaches(name, best, PART), `${goals[name].title}: found ${best}; expected ${goals[name].must * PART}`).toBe(
      true,
    );
  }
});
