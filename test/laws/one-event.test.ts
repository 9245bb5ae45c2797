import { expect, test } from 'vitest';
import { eventsSince, TIMEOUT, checkLaw } from './check-law.ts';
import type { Observation } from './model-run.ts';

/** The parts of a key that may change, and the events that may record the change. */
const expectedEvents: [name: string, of: (seen: Observation) => unknown, types: string[]][] = [
  ['its end', ({ row }) => row.chosenExpiresAt, ['KEY_RENEWED', 'KEY_UPDATED']],
  [
    'its stop',
    ({ row }) => [row.stopsAt, row.stopsBasis],
    ['KEY_RENEWED', 'KEY_UPDATED', 'KEY_RESUMED', 'KEY_STOP_CHANGED'],
  ],
  ['its expiry', ({ row }) => row.expiredAt, ['KEY_EXPIRED', 'KEY_RENEWED']],
  ['its revocation', ({ row }) => row.revokedAt, ['KEY_REVOKED']],
  ['its owner', ({ row }) => [row.accountId, row.organizationId], ['KEY_TRANSFERRED']],
  ['its scopes and name', ({ row }) => [row.scopes, row.name], ['KEY_UPDATED']],
  ['its holds', ({ row }) => row.holds.map(({ id }) => id).sort(), ['KEY_HELD', 'KEY_RESUMED']],
  ['its secrets', ({ row }) => row.secrets.length, ['KEY_ROTATION_STARTED']],
  [
    'its rotation',
    ({ row }) => [row.rotationStartedAt, ...row.secrets.map(({ id, retiresAt }) => [id, retiresAt]).sort()],
    ['KEY_ROTATION_STARTED', 'KEY_ROTATION_COMPLETED', 'KEY_ROTATION_UNDONE', 'KEY_ROTATION_STALLED', 'KEY_UPDATED'],
  ],
  [
    'a first use',
    ({ row }) => row.secrets.map(({ id, firstUsedAt }) => [id, firstUsedAt]).sort(),
    ['KEY_FIRST_USED', 'KEY_ROTATION_STARTED'],
  ],
  [
    'its standing',
    ({ row }) => row.standing,
    ['KEY_DORMANCY_WARNED', 'KEY_HELD', 'KEY_EXPIRED', 'KEY_STOP_CHANGED', 'KEY_RENEWED', 'KEY_RESUMED'],
  ],
];

test(
  'law 7: every change is recorded by an event, and recorded events stay unchanged and in order',
  { timeout: TIMEOUT },
  async () => {
    const world = await checkLaw(
      (after, before) => {
        expect(after.events.slice(0, before?.events.length ?? 0)).toEqual(before?.events ?? []);
        if (before === null) return;
        const recorded = new Set(eventsSince(after, before).map(({ type }) => type));
        for (const [name, of, types] of expectedEvents) {
          if (JSON.stringify(of(after), serializeBigInt) === JSON.stringify(of(before), serializeBigInt)) continue;
          expect(
            types.some((type) => recorded.has(type)),
            `${name} has changed; the events are ${[...recorded].join(', ')}`,
          ).toBe(true);
        }
        for (const { at, recordedAt } of after.events) expect(recordedAt >= at).toBe(true);
      },
      { mix: { both: 12, repeat: 12, time: 36 }, runs: 6 },
    );
    const log = await world.prisma.event.findMany({ orderBy: { position: 'asc' } });
    expect(log.map(({ position }) => Number(position))).toEqual(log.map((_, index) => index + 1));
    expect(new Set(log.map(({ id }) => id))).toHaveLength(log.length);
  },
);

test(
  'law 7: each change is recorded once: a rotation, a revocation, a first use, a notice',
  { timeout: TIMEOUT },
  async () => {
    await checkLaw(
      ({ row, events }) => {
        const of = (type: string) => events.filter((event) => event.type === type);
        expect(of('KEY_ISSUED')).toHaveLength(1);
        expect(of('KEY_ROTATION_STARTED')).toHaveLength(row.secrets.length - 1);
        expect(of('KEY_REVOKED').length).toBe(row.revokedAt === null ? 0 : 1);
        expect(of('KEY_FIRST_USED')).toHaveLength(row.secrets.filter(({ firstUsedAt }) => firstUsedAt !== null).length);
        for (const type of ['KEY_FIRST_USED', 'KEY_SECRET_REUSED', 'KEY_EXPIRING']) {
          const data = of(type).map(({ data }) => JSON.stringify(data));
          expect(new Set(data)).toHaveLength(data.length);
        }
      },
      { mix: { verify: 24, repeat: 16, both: 16, time: 40 }, runs: 4 },
    );
  },
);

function serializeBigInt(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
