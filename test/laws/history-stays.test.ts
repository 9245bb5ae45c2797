import { expect, test } from 'vitest';
import { verifyKey } from '../../src/keys/verify.ts';
import { TIMEOUT, checkLaw } from './check-law.ts';

test(
  'law 10: each failed use has its own code for the holder of the secret, and the key records why',
  { timeout: TIMEOUT },
  async () => {
    const textsSeen = new Map<string, string>();
    const world = await checkLaw(
      ({ row, events, outcomes, secrets }) => {
        for (const text of secrets.values()) textsSeen.set(text, row.id);
        expect([...outcomes.keys()].sort()).toEqual(row.secrets.map(({ generation }) => generation).sort());
        const why = (type: string) => events.findLast((event) => event.type === type);
        for (const outcome of outcomes.values()) {
          expect(outcome).not.toBe('KEY_UNKNOWN');
          if (outcome === 'KEY_REVOKED')
            expect(why('KEY_REVOKED')).toMatchObject({ reason: expect.stringMatching(/./), at: row.revokedAt });
          if (outcome === 'KEY_EXPIRED' && row.expiredAt !== null)
            expect(why('KEY_EXPIRED')).toMatchObject({ at: row.expiredAt });
          if (outcome === 'KEY_HELD') {
            expect(row.holds.length).toBeGreaterThan(0);
            for (const { reason, since, sourceName } of row.holds) {
              expect(reason).toMatch(/./);
              expect(sourceName).toMatch(/./);
              expect(why('KEY_HELD')!.at >= since).toBe(true);
            }
          }
        }
      },
      { mix: { hold: 10, revoke: 3, rotate: 12, time: 40 }, runs: 6 },
    );
    // Years later every key is readable, and its outcome is unchanged.
    await world.travel(3650 * 86_400_000);
    for (const [text, id] of textsSeen) {
      const { outcome, key, message } = await verifyKey(world, world.admin, {
        secret: text,
        purpose: null,
        consumer: null,
      });
      expect(outcome).toBe('KEY_REVOKED');
      expect(key?.id).toBe(id);
      expect(message).toMatch(/^The key was revoked at \S+Z and will not work again\. Ask its owner for a new key\.$/);
    }
  },
);
