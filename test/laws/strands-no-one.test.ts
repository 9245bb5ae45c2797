import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { checkLaw, eventsSince, TIMEOUT } from './check-law.ts';
import type { History } from './history.ts';

/** A rotation whose promise is checked after three steps. */
const rotationWithGrace: History = {
  lifetimeDays: null,
  steps: [
    { kind: 'command', command: { do: 'rotate', who: 'owner', graceMs: DAY_MS }, isRepeatable: false },
    { kind: 'pass', ms: HOUR_MS, isWatched: true },
    { kind: 'command', command: { do: 'verify', generation: 0, consumer: 'ci' }, isRepeatable: false },
  ],
};

test(
  'law 5: the old secret works to its promised end, unless the key’s manager or newest secret ends it',
  { timeout: TIMEOUT },
  async () => {
    /** By secret: until when the result of a rotation promised that it works. */
    const promised = new Map<string, number>();
    let checkedCount = 0;
    await checkLaw(
      (after, before) => {
        const ends = ['KEY_ROTATION_COMPLETED', 'KEY_ROTATION_UNDONE', 'KEY_UPDATED'];
        for (const { type, actorKind } of before === null ? [] : eventsSince(after, before)) {
          // Confirmed, undone, or the key’s own end was shortened: no longer promised.
          if (!ends.includes(type) || (actorKind !== 'ACCOUNT' && actorKind !== 'KEY')) continue;
          for (const { id } of after.row.secrets) promised.delete(id);
        }
        for (const { previousRetiresAt, secretId } of after.step?.kind === 'repeat' ? [] : after.results) {
          if (secretId === undefined || previousRetiresAt == null) continue;
          const created = after.row.secrets.find(({ id }) => id === secretId)!;
          const old = after.row.secrets.find(
            ({ generation, retiresAt }) =>
              generation < created.generation && retiresAt?.getTime() === previousRetiresAt.getTime(),
          );
          // Of two requests at the same time, the second may already have moved the end again.
          if (after.step?.kind !== 'both') expect(old, 'the old secret of a promise').toBeDefined();
          if (old !== undefined) promised.set(old.id, previousRetiresAt.getTime());
        }
        for (const { id, generation } of after.row.secrets) {
          if ((promised.get(id) ?? 0) <= after.now) continue;
          checkedCount += 1;
          expect(['VALID', 'KEY_HELD', 'KEY_EXPIRED', 'KEY_REVOKED']).toContain(after.outcomes.get(generation));
        }
      },
      {
        mix: { rotate: 24, verify: 24, settleRotation: 10, renew: 12, time: 36, revoke: 0 },
        runs: 6,
        examples: [rotationWithGrace],
      },
    );
    // One check after each step of the example from its rotation on, at the least.
    expect(checkedCount).toBeGreaterThanOrEqual(rotationWithGrace.steps.length);
  },
);

test('law 5: every key has one current secret, and at most one is retiring', { timeout: TIMEOUT }, async () => {
  await checkLaw(
    ({ now, row, outcomes }) => {
      expect(row.secrets.filter(({ retiresAt }) => retiresAt === null)).toHaveLength(1);
      const valid = [...outcomes.values()].filter((outcome) => outcome === 'VALID');
      expect(valid.length).toBeLessThanOrEqual(2);
      const retiring = row.secrets.filter(({ retiresAt }) => retiresAt !== null && retiresAt.getTime() > now);
      expect(retiring.length).toBeLessThanOrEqual(1);
    },
    { mix: { rotate: 28, settleRotation: 24, both: 20, repeat: 12 }, runs: 4 },
  );
});
