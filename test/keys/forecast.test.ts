import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { countStops } from '../../src/keys/forecast.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { openKeyWorld, success } from '../support/key-world.ts';

test('forecast: counts stops by day and basis, without ended keys', async () => {
  const world = await openKeyWorld();
  for (const days of [2, 2, 5]) await world.issue({ ask: { lifetimeMs: days * DAY_MS } });
  const gone = await world.issue({ ask: { lifetimeMs: 2 * DAY_MS } });
  success(await revokeKey(world, world.owner, { keyId: gone.keyId, reason: 'gone' }));
  await world.issue();
  const now = world.clock.now();
  const day = (days: number) => new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS + days * DAY_MS);
  expect(await countStops(world.prisma, {}, now, 400 * DAY_MS)).toEqual([
    { startsAt: day(2), keyCount: 2, hardCount: 2, byUseCount: 0 },
    { startsAt: day(5), keyCount: 1, hardCount: 1, byUseCount: 0 },
    { startsAt: day(395), keyCount: 1, hardCount: 0, byUseCount: 1 },
  ]);
  expect(await countStops(world.prisma, {}, now, 4 * DAY_MS)).toHaveLength(1);
});
