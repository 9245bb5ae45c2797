import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { eventsSince, TIMEOUT, checkLaw } from './check-law.ts';
import type { Observation } from './model-run.ts';

const chosenOf = ({ row }: Observation) => row.chosenExpiresAt?.getTime() ?? Infinity;

test(
  'law 4: a life only becomes longer, by a renewal within what policy allows, and never for ever',
  { timeout: TIMEOUT },
  async () => {
    await checkLaw(
      (after, before) => {
        if (before === null || chosenOf(after) === chosenOf(before)) return;
        const types = eventsSince(after, before).map(({ type }) => type);
        if (chosenOf(after) < chosenOf(before)) {
          expect(types).toContain('KEY_UPDATED');
          return;
        }
        expect(types).toContain('KEY_RENEWED');
        expect(chosenOf(after)).toBeLessThanOrEqual(after.now + 365 * DAY_MS);
      },
      { mix: { renew: 28, rotate: 10, shorten: 8, revoke: 0 }, runs: 5 },
    );
  },
);

test('law 4: a rotation, however it goes, moves no end and no activity', { timeout: TIMEOUT }, async () => {
  await checkLaw(
    (after, before) => {
      if (before === null) return;
      const recorded = eventsSince(after, before);
      if (recorded.length === 0 || !recorded.every(({ type }) => type.startsWith('KEY_ROTATION'))) return;
      for (const field of ['chosenExpiresAt', 'expiresAt', 'stopsAt', 'grantedAt', 'activeAt', 'lifetimeMs'] as const) {
        expect(after.row[field]).toEqual(before.row[field]);
      }
    },
    { mix: { rotate: 28, settleRotation: 20, renew: 2, hold: 0, revoke: 0, verify: 8 }, runs: 4 },
  );
});
