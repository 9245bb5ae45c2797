import { expect, test } from 'vitest';
import { previewPolicy } from '../../src/bindings/preview.ts';
import { unbindPolicy } from '../../src/bindings/unbind.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { openBindingWorld } from '../support/binding-world.ts';
import { success } from '../support/key-world.ts';

test('steady-cadence: in place of the fixed limit it is previewed, bound, and gives each key the time of its rhythm', async () => {
  const world = await openBindingWorld();
  const slow = await world.issue({ name: 'released once a year' });
  const fast = await world.issue({ name: 'released each quarter' });
  for (let quarter = 0; quarter < 13; quarter += 1) {
    if (quarter % 4 === 0) await world.verify(slow.secret);
    await world.verify(fast.secret);
    await world.uses.flush();
    if (quarter < 12) await world.travel(91 * DAY_MS);
    await world.reviewer.reviewDue();
  }
  const usedAt = world.clock.now();
  await world.travel(DAY_MS);
  const preview = await previewPolicy(world, world.admin, { realm: 'default', policy: 'steady-cadence' });
  expect(preview.faults).toEqual([]);
  // Beside the fixed limit, only what is stricter counts.
  expect(preview).toMatchObject({ keyCount: 2, nearerCount: 1, furtherCount: 0 });
  expect(preview.changes).toMatchObject([{ keyId: fast.keyId, raw: addMs(usedAt, (182 + 30) * DAY_MS) }]);
  await world.bind({ policy: 'steady-cadence', previewToken: preview.previewToken });
  const fixed = await world.prisma.binding.findFirstOrThrow({ where: { policy: 'unused-expires' } });
  success(await unbindPolicy(world, world.admin, { bindingId: fixed.id }));
  await world.reviewer.reviewDue();
  const stopOf = async ({ keyId }: { readonly keyId: string }) => (await world.key(keyId)).stopsAt;
  expect(await stopOf(fast)).toEqual(addMs(usedAt, (182 + 30) * DAY_MS));
  expect(await stopOf(slow)).toEqual(addMs(usedAt, (728 + 30) * DAY_MS));
});
