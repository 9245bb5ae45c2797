import { expect, test } from 'vitest';
import { eventsSince, TIMEOUT, checkLaw } from './check-law.ts';
import type { Observation } from './model-run.ts';

const byPerson = (actorKind: string) => actorKind === 'ACCOUNT' || actorKind === 'KEY';

test(
  'law 2: no key stops before its recorded moment, unless a person held or revoked it, by name, with a reason',
  { timeout: TIMEOUT },
  async () => {
    await checkLaw(
      (after, before) => {
        if (before === null) return;
        const recorded = eventsSince(after, before);
        const hasPassed = (moment: Date | null | undefined) => moment != null && moment.getTime() <= after.now;
        for (const [generation, outcome] of after.outcomes) {
          if (before.outcomes.get(generation) !== 'VALID') continue;
          switch (outcome) {
            case 'KEY_REVOKED':
              expect(recorded).toContainEqual(
                expect.objectContaining({ type: 'KEY_REVOKED', reason: expect.stringMatching(/./) }),
              );
              break;
            case 'KEY_HELD': {
              const isPersons = recorded.some(
                ({ type, actorKind, reason }) => type === 'KEY_HELD' && byPerson(actorKind) && reason,
              );
              expect(isPersons || hasPassed(before.row.stopsAt)).toBe(true);
              break;
            }
            case 'KEY_EXPIRED':
              expect(hasPassed(before.row.stopsAt)).toBe(true);
              break;
            case 'SECRET_RETIRED': {
              const ends = ['KEY_ROTATION_COMPLETED', 'KEY_ROTATION_UNDONE'];
              const isPersons = recorded.some(({ type, actorKind }) => ends.includes(type) && byPerson(actorKind));
              const retiresAt = before.row.secrets.find((one) => one.generation === generation)?.retiresAt;
              expect(isPersons || hasPassed(retiresAt) || hasPassed(before.row.stopsAt)).toBe(true);
              break;
            }
          }
        }
      },
      { mix: { hold: 10, settleRotation: 12, time: 40 }, runs: 5 },
    );
  },
);

test('law 2: no stop is shortened by itself: only a person shortens one', { timeout: TIMEOUT }, async () => {
  const stopOf = ({ row }: Observation) => row.stopsAt?.getTime() ?? Infinity;
  await checkLaw(
    (after, before) => {
      if (before === null || stopOf(after) >= stopOf(before)) return;
      const shortened = eventsSince(after, before).filter(({ type }) => type === 'KEY_UPDATED');
      expect(shortened.map(({ actorKind }) => actorKind)).toContain('ACCOUNT');
    },
    { mix: { shorten: 6, renew: 16, revoke: 0 }, runs: 3 },
  );
});
