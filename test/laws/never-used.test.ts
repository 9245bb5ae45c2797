import { expect, test } from 'vitest';
import { DAY_MS, SECOND_MS } from '../../src/domain/duration.ts';
import { TIMEOUT, checkLaw } from './check-law.ts';

test(
  'law 6: a key that was never used is dormant by its age; a refused attempt is not use',
  { timeout: TIMEOUT },
  async () => {
    await checkLaw(
      async ({ now, step, row, outcomes, secrets, events }, _before, world) => {
        // The probe requests an action outside the key’s scopes: always refused.
        for (const [generation, text] of secrets) {
          if (outcomes.get(generation) !== 'SECRET_RETIRED') await world.probe(text);
        }
        expect(row.lastUsedAt).toBeNull();
        expect(events.map(({ type }) => type)).not.toContain('KEY_FIRST_USED');
        if (
          step === null ||
          !('isWatched' in step) ||
          !step.isWatched ||
          row.expiredAt !== null ||
          row.revokedAt !== null
        )
          return;
        const idleMs = now - row.activeAt.getTime();
        expect(row.standing === 'ACTIVE').toBe(idleMs < 365 * DAY_MS);
        expect(row.holds.some(({ source }) => source === 'POLICY')).toBe(idleMs >= 395 * DAY_MS + 30 * SECOND_MS);
        expect(idleMs).toBeLessThan(425 * DAY_MS + 30 * SECOND_MS);
        expect([...outcomes.values()]).not.toContain('KEY_UNKNOWN');
      },
      { mix: { verify: 0, revoke: 0, time: 60, hold: 6, renew: 6 }, runs: 8 },
    );
  },
);
