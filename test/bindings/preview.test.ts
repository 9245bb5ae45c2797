import { expect, test } from 'vitest';
import { previewPolicy } from '../../src/bindings/preview.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import { plus } from '../../src/domain/key.ts';
import { FUSSY, LIFE, openBindingWorld } from '../support/binding-world.ts';

/** It counts from a renewal that never was. */
const WRONG = LIFE.replace('key.createdAt', 'key.renewedAt');

/** It fails each key but those of the name "good", by the name of the key. */
const MANY_WAYS = FUSSY.replace('key.name === "boom"', 'key.name !== "good"').replace('"boom"', 'key.name');

test('preview: what policy says before notice moves it is told, with its reason', async () => {
  const world = await openBindingWorld();
  await world.write('life', WRONG);
  const { keyId } = await world.issue();
  const { changes } = await previewPolicy(world, world.admin, { realm: 'default', policy: 'life' });
  const now = world.clock.now();
  expect(changes).toMatchObject([
    {
      keyId,
      after: plus(now, 30 * DAY_MS),
      said: new Date(90 * DAY_MS),
      basis: 'HARD',
      reason: { code: 'LIFE', sentence: 'It is as old as a key may get.' },
    },
  ]);
});

test('preview: what was not moved by notice is said as it is', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  await world.issue();
  const { changes, faults } = await previewPolicy(world, world.admin, { realm: 'default', policy: 'life' });
  const at = plus(world.clock.now(), 90 * DAY_MS);
  expect(changes).toMatchObject([{ after: at, said: at }]);
  expect(faults).toEqual([]);
});

test('preview: how a module fails keys is told, most frequent first, with a key of each', async () => {
  const world = await openBindingWorld();
  await world.write('life', MANY_WAYS);
  const names = ['good', 'a', 'b', 'b', 'c', 'd', 'e', 'f', 'b'];
  const ids = new Map<string, string>();
  for (const name of names) ids.set((await world.issue({ name })).keyId, name);
  const preview = await previewPolicy(world, world.admin, { realm: 'default', policy: 'life' });
  expect(preview).toMatchObject({ keyCount: 9, faultCount: 8 });
  expect(preview.faults).toHaveLength(5);
  expect(preview.faults[0]).toMatchObject({ kind: 'THROWS', message: expect.stringContaining('b'), keyCount: 3 });
  expect(ids.get(preview.faults[0]!.keyId)).toBe('b');
});
