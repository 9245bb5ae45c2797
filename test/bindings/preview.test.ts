import { expect, test } from 'vitest';
import { previewPolicy } from '../../src/bindings/preview.ts';
import { DAY_MS } from '../../src/domain/duration.ts';
import type { Json } from '../../src/domain/event.ts';
import { addMs } from '../../src/domain/key.ts';
import { explainKey } from '../../src/keys/explain.ts';
import { explanationSelect } from '../../src/keys/explained-key.ts';
import { FUSSY, LIFE, openBindingWorld } from '../support/binding-world.ts';

/** It counts from a renewal that never was. */
const WRONG = LIFE.replace('key.createdAt', 'key.renewedAt');

/** It fails each key but those of the name "good", by the name of the key. */
const MANY_WAYS = FUSSY.replace('key.name === "boom"', 'key.name !== "good"').replace('"boom"', 'key.name');

test('preview: shows the stop before the notice period moves it, with its reason', async () => {
  const world = await openBindingWorld();
  await world.write('life', WRONG);
  const { keyId } = await world.issue();
  const { changes } = await previewPolicy(world, world.admin, { realm: 'default', policy: 'life' });
  const now = world.clock.now();
  expect(changes).toMatchObject([
    {
      keyId,
      after: addMs(now, 30 * DAY_MS),
      raw: new Date(90 * DAY_MS),
      basis: 'HARD',
      reason: { code: 'LIFE', sentence: 'It is as old as a key may get.' },
    },
  ]);
});

test('preview: shows a stop that the notice period did not move as it is', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  await world.issue();
  const { changes, faults } = await previewPolicy(world, world.admin, { realm: 'default', policy: 'life' });
  const at = addMs(world.clock.now(), 90 * DAY_MS);
  expect(changes).toMatchObject([{ after: at, raw: at }]);
  expect(faults).toEqual([]);
});

test('preview: shows how a module fails, most frequent first, with a key for each way', async () => {
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

const KEYS = 40;

test('preview: counts what the brake counts, also where stored stops are older than the last use', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const issued = [];
  for (let index = 0; index < KEYS; index += 1) issued.push(await world.issue());
  for (const { secret } of issued) await world.verify(secret);
  await world.travel(60 * DAY_MS);
  for (const { secret } of issued) await world.verify(secret);
  await world.travel(DAY_MS);
  const life = { policy: 'life', config: { life: 'P400D' } };
  const preview = await previewPolicy(world, world.admin, { realm: 'default', ...life });
  expect(preview).toMatchObject({ keyCount: KEYS, nearerCount: KEYS, furtherCount: 0 });
  const [first] = preview.changes;
  // Without the change it would live as its use has it, not as was stored before that.
  expect(first!.before!.getTime()).toBeGreaterThan(first!.after!.getTime());
  await world.bind({ ...life, previewToken: preview.previewToken });
  await world.reviewer.reviewDue();
  expect(await world.prisma.brake.count()).toBe(0);
  expect(await world.prisma.key.count({ where: { stopsBasis: 'HARD' } })).toBe(KEYS);
});

test('preview: a binding that changes nothing shows no change, whatever use has moved meanwhile', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const { secret } = await world.issue();
  await world.travel(60 * DAY_MS);
  await world.verify(secret);
  const life = { policy: 'life', config: { life: 'P3650D' }, mode: 'SHADOW' as const };
  const preview = await previewPolicy(world, world.admin, { realm: 'default', ...life });
  expect(preview).toMatchObject({ nearerCount: 0, furtherCount: 0, unchangedCount: 1 });
});

test('preview: a preview without changes confirms no less than the brake’s share', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const life = { policy: 'life', config: { life: 'P60D' } };
  const previewToken = await world.token(life);
  await world.issueMany(KEYS);
  await world.bind({ ...life, previewToken });
  await world.reviewer.reviewDue();
  // 5 % of 40.
  expect(await world.prisma.key.count({ where: { stopsBasis: 'HARD' } })).toBe(2);
});

test('preview: an announced stop comes no earlier than the notice period after it takes effect, and is shown so', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const { keyId } = await world.issue();
  const now = world.clock.now();
  const effectiveAt = addMs(now, 60 * DAY_MS);
  const comes = addMs(effectiveAt, 30 * DAY_MS);
  const life = { policy: 'life', config: { life: 'P1D' }, effectiveAt };
  const { changes, previewToken } = await previewPolicy(world, world.admin, { realm: 'default', ...life });
  expect(changes).toMatchObject([{ keyId, after: comes, basis: 'HARD', isNearer: true }]);
  const { id } = await world.bind({ ...life, previewToken });
  const shown = async () => {
    const key = await world.prisma.key.findUniqueOrThrow({ where: { id: keyId }, select: explanationSelect });
    return explainKey(key, world.clock.now(), true).verdicts.find(({ binding }) => binding.id === id)?.verdict;
  };
  await world.reviewer.reviewDue();
  expect(await shown()).toMatchObject({ counts: false, effective: { cap: comes.getTime() } });
  // Also of a key that is made meanwhile.
  const later = await world.issue();
  const { verdicts } = await world.prisma.judgement.findUniqueOrThrow({ where: { keyId: later.keyId } });
  const stored = (verdicts as unknown as { bindingId: string }[]).find(({ bindingId }) => bindingId === id);
  expect(stored).toMatchObject({ kept: { cap: comes.getTime() } });
  await world.travel(60 * DAY_MS);
  expect(await world.key(keyId)).toMatchObject({ stopsAt: comes, stopsBasis: 'HARD' });
  expect(await shown()).toMatchObject({ counts: true, effective: { cap: comes.getTime() } });
});

test('preview: counts the keys of the realm, and those that the selector selects', async () => {
  const world = await openBindingWorld();
  const { keyId } = await world.issue();
  await world.issue();
  await world.issue({}, world.stranger);
  const count = async (more: object) => {
    const input = { realm: 'default', policy: 'bounded-lifetime', ...more };
    const { keyCount, selectedKeyCount } = await previewPolicy(world, world.admin, input);
    return [keyCount, selectedKeyCount];
  };
  expect(await count({})).toEqual([3, 3]);
  expect(await count({ selector: { keyIds: [keyId] } })).toEqual([3, 1]);
  expect(await count({ selector: { not: { owners: [world.owner.id] } } })).toEqual([3, 1]);
  // A change of a binding: what it selects by the change, else what it selects now.
  const { id: bindingId } = await world.bind({ policy: 'bounded-lifetime', selector: { keyIds: [keyId] } });
  expect(await count({ policy: null, bindingId })).toEqual([3, 1]);
  expect(await count({ policy: null, bindingId, selector: { owners: [world.owner.id] } })).toEqual([3, 2]);
  expect(await count({ policy: null, bindingId, remove: true })).toEqual([3, 1]);
});

test('preview: counts for each owner in which weeks its keys stop sooner', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  await world.issue();
  await world.travel(8 * DAY_MS);
  await world.issueMany(2);
  const { byOwner, byWeek } = await previewPolicy(world, world.admin, { realm: 'default', policy: 'life' });
  const weekAt = (number: number) => addMs(world.clock.now(), number * 7 * DAY_MS);
  expect(byWeek.slice(0, 2)).toEqual([
    { startsAt: weekAt(11), before: 0, after: 1 },
    { startsAt: weekAt(12), before: 0, after: 2 },
  ]);
  // The later weeks are those in which the keys would stop without the change.
  const nearerByWeek = [1, 2, ...byWeek.slice(2).map(() => 0)];
  expect(byOwner).toMatchObject([{ keyCount: 3, nearerCount: 3, nearerByWeek }]);
});

test('preview: an owner of whose keys none stops sooner has zeros', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  await world.issue();
  const { byOwner } = await previewPolicy(world, world.admin, { realm: 'default', policy: 'life', mode: 'SHADOW' });
  expect(byOwner).toMatchObject([{ keyCount: 1, nearerCount: 0, nearerByWeek: [0] }]);
});

test('preview: a refused configuration says each problem and its place', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const config = { life: 'P1M', more: 1 };
  const refused = previewPolicy(world, world.admin, { realm: 'default', policy: 'life', config });
  await expect(refused).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    details: {
      path: ['input', 'config', expect.any(String)],
      issues: expect.arrayContaining([{ path: ['life'], message: expect.stringContaining('months') }]),
    },
  });
});

test('preview: stops that wait behind a brake are not moved by another change, in no count and in no week', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  await world.issueMany(KEYS);
  await world.bind({ policy: 'life', config: { life: 'P200D' } });
  await world.reviewer.reviewDue();
  expect(await world.prisma.waitingStop.count()).toBe(KEYS - 2);
  const preview = async (policy: string, config: Json) =>
    previewPolicy(world, world.admin, { realm: 'default', policy, config });
  const without = await preview('unused-expires', { idle: 'P900D' });
  expect(without).toMatchObject({ nearerCount: 0, furtherCount: 0, unchangedCount: KEYS, changes: [] });
  expect(without.byWeek.filter(({ before, after }) => before !== after)).toEqual([]);
  // What the change itself shortens, it shows: from the stop that waits, to its own.
  const shorter = await preview('life', { life: 'P100D' });
  const { stopsAt } = await world.prisma.key.findFirstOrThrow({ where: { stopsBasis: 'BY_USE' } });
  expect(shorter).toMatchObject({ nearerCount: KEYS, unchangedCount: 0 });
  const after = addMs(world.clock.now(), 100 * DAY_MS);
  expect(new Set(shorter.changes.map((change) => change.after?.getTime()))).toEqual(new Set([after.getTime()]));
  expect(shorter.changes.filter(({ before }) => before?.getTime() === stopsAt?.getTime())).toHaveLength(KEYS - 2);
});
