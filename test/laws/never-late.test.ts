import { expect, test } from 'vitest';
import { TIMEOUT, checkLaw } from './check-law.ts';
import type { Observation } from './model-run.ts';

test(
  'law 1: no secret is VALID at or after its key’s end, its own retirement or a revocation',
  { timeout: TIMEOUT },
  async () => {
    await checkLaw(
      ({ now, row, outcomes }: Observation) => {
        for (const { generation, retiresAt } of row.secrets) {
          if (outcomes.get(generation) !== 'VALID') continue;
          expect(row.revokedAt).toBeNull();
          expect(retiresAt?.getTime() ?? Infinity).toBeGreaterThan(now);
          expect(row.chosenExpiresAt?.getTime() ?? Infinity).toBeGreaterThan(now);
        }
      },
      { mix: { rotate: 16, shorten: 6, revoke: 2, time: 40 } },
    );
  },
);

test('law 1: a revoked key and a retired secret stay so', { timeout: TIMEOUT }, async () => {
  await checkLaw(
    ({ outcomes }, before) => {
      for (const [generation, outcome] of before?.outcomes ?? []) {
        if (outcome === 'KEY_REVOKED') expect(outcomes.get(generation)).toBe('KEY_REVOKED');
        if (outcome === 'SECRET_RETIRED') expect(['SECRET_RETIRED', 'KEY_REVOKED']).toContain(outcomes.get(generation));
      }
    },
    { mix: { rotate: 20, settleRotation: 20, revoke: 2, renew: 16 } },
  );
});
