import { expect, test } from 'vitest';
import { eventsSince, TIMEOUT, checkLaw } from './check-law.ts';

test(
  'law 5: the old secret works to the promised end, unless somebody who knows better ends it',
  { timeout: TIMEOUT },
  async () => {
    /** By secret: until when whoever rotated was told that it works. */
    const promised = new Map<string, number>();
    let promiseCount = 0;
    await checkLaw(
      (after, before) => {
        const ends = ['KEY_ROTATION_COMPLETED', 'KEY_ROTATION_UNDONE', 'KEY_UPDATED'];
        for (const { type, actorKind } of before === null ? [] : eventsSince(after, before)) {
          // Confirmed, taken back, or the key’s own end was brought nearer: no longer promised.
          if (!ends.includes(type) || (actorKind !== 'ACCOUNT' && actorKind !== 'KEY')) continue;
          for (const { id } of after.row.secrets) promised.delete(id);
        }
        for (const { previousRetiresAt, secretId } of after.step?.kind === 'repeat' ? [] : after.answers) {
          const made = after.row.secrets.find(({ id }) => id === secretId)?.generation ?? 0;
          const old = after.row.secrets.find(
            ({ generation, retiresAt }) => generation < made && retiresAt?.getTime() === previousRetiresAt?.getTime(),
          );
          if (old && previousRetiresAt) promised.set(old.id, previousRetiresAt.getTime());
        }
        promiseCount = Math.max(promiseCount, promised.size);
        for (const { id, generation } of after.row.secrets) {
          if ((promised.get(id) ?? 0) <= after.now) continue;
          expect(['VALID', 'KEY_HELD', 'KEY_EXPIRED', 'KEY_REVOKED']).toContain(after.outcomes.get(generation));
        }
      },
      { mix: { rotate: 24, verify: 24, settleRotation: 10, renew: 12, time: 36, revoke: 0 }, runs: 6 },
    );
  },
);

test('law 5: of every key one secret stays, and at most one is on its way out', { timeout: TIMEOUT }, async () => {
  await checkLaw(
    ({ now, row, outcomes }) => {
      expect(row.secrets.filter(({ retiresAt }) => retiresAt === null)).toHaveLength(1);
      const good = [...outcomes.values()].filter((outcome) => outcome === 'VALID');
      expect(good.length).toBeLessThanOrEqual(2);
      const leaving = row.secrets.filter(({ retiresAt }) => retiresAt !== null && retiresAt.getTime() > now);
      expect(leaving.length).toBeLessThanOrEqual(1);
    },
    { mix: { rotate: 28, settleRotation: 24, both: 20, repeat: 12 }, runs: 4 },
  );
});
