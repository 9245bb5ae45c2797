import { expect, test } from 'vitest';
import { bindPolicy } from '../../src/bindings/bind.ts';
import { unbindPolicy } from '../../src/bindings/unbind.ts';
import { updateBinding } from '../../src/bindings/update.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { setMember } from '../../src/accounts/set-member.ts';
import { disableAccount } from '../../src/accounts/disable-account.ts';
import { updateKey } from '../../src/keys/update.ts';
import { updateRealm } from '../../src/realms/update-realm.ts';
import { openBindingWorld, LIFE } from '../support/binding-world.ts';
import { failureOf, success } from '../support/key-world.ts';

test('binding: a shortened stop comes no earlier than its notice; a postponed one moves at once', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const old = await world.issue();
  await world.travel(100 * DAY_MS);
  const young = await world.issue();
  const now = world.clock.now();
  const life = { policy: 'life', config: { life: 'P90D' } };
  const { id } = await world.bind({ ...life, previewToken: await world.token(life) });
  await world.reviewer.reviewDue();
  // The old one is past its life already: it gets the notice period. The young one has more than that.
  expect(await world.key(old.keyId)).toMatchObject({ stopsAt: addMs(now, 30 * DAY_MS), stopsBasis: 'HARD' });
  expect(await world.key(young.keyId)).toMatchObject({ stopsAt: addMs(now, 90 * DAY_MS), stopsBasis: 'HARD' });
  const changed = (await world.events(old.keyId)).findLast(({ type }) => type === 'KEY_STOP_CHANGED');
  expect(changed).toMatchObject({ actorKind: 'POLICY', actorId: id, reason: 'It is as old as a key may get.' });
  // To look again and again moves nothing.
  await world.travel(10 * DAY_MS);
  await world.prisma.key.updateMany({ data: { reviewAt: world.clock.now() } });
  await world.reviewer.reviewDue();
  expect((await world.key(old.keyId)).stopsAt).toEqual(addMs(now, 30 * DAY_MS));

  success(await updateBinding(world, world.admin, { bindingId: id, config: { life: 'P365D' } }));
  await world.reviewer.reviewDue();
  expect((await world.key(old.keyId)).stopsAt).toEqual(addMs(now, 265 * DAY_MS));
  success(await unbindPolicy(world, world.admin, { bindingId: id }));
  await world.reviewer.reviewDue();
  expect(await world.key(old.keyId)).toMatchObject({ expiresAt: null, stopsBasis: 'BY_USE' });
  expect(await world.probe(old.secret)).toBe('VALID');
});

test('binding: less notice than the realm requires needs a written reason', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const { keyId, secret } = await world.issue();
  await world.travel(10 * DAY_MS);
  const config = { life: 'P1D' };
  const short = { realm: 'default', policy: 'life', config, noticeMs: 0 };
  expect(failureOf(await bindPolicy(world, world.admin, short))).toBe('NoticeTooShort');
  await world.bind({ policy: 'life', config, noticeMs: 0, withoutNoticeReason: 'The catalogue was leaked.' });
  await world.reviewer.reviewDue();
  expect(await world.key(keyId)).toMatchObject({ stopsAt: world.clock.now() });
  expect(await world.probe(secret)).toBe('KEY_EXPIRED');
});

test('binding: in SHADOW and while announced its verdicts are shown and change nothing', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const { keyId } = await world.issue();
  const { stopsAt } = await world.key(keyId);
  const now = world.clock.now();
  const shadow = await world.bind({ policy: 'life', config: { life: 'P40D' }, mode: 'SHADOW' });
  const announced = await world.bind({ policy: 'life', config: { life: 'P50D' }, effectiveAt: addMs(now, 7 * DAY_MS) });
  await world.reviewer.reviewDue();
  expect((await world.key(keyId)).stopsAt).toEqual(stopsAt);
  const { verdicts } = await world.prisma.judgement.findUniqueOrThrow({ where: { keyId } });
  const shown = verdicts as unknown as { bindingId: string; counts: boolean }[];
  for (const { id } of [shadow, announced]) {
    expect(shown.find(({ bindingId }) => bindingId === id)).toMatchObject({ counts: false });
  }
  await world.travel(7 * DAY_MS);
  expect((await world.key(keyId)).stopsAt).toEqual(addMs(now, 50 * DAY_MS));
  const types = (await world.realmEvents()).map(({ type }) => type);
  expect(types.slice(3)).toEqual([
    'POLICY_BOUND',
    'POLICY_ANNOUNCED',
    'POLICY_APPLIED',
    'POLICY_APPLIED',
    'POLICY_BOUND',
    'POLICY_APPLIED',
  ]);
});

test('binding: an announced change leaves the revision in force as it is, and can be withdrawn', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const { keyId } = await world.issue();
  const now = world.clock.now();
  const { id } = await world.bind({ policy: 'life', config: { life: 'P200D' } });
  await world.reviewer.reviewDue();
  success(
    await updateBinding(world, world.admin, {
      bindingId: id,
      config: { life: 'P60D' },
      effectiveAt: addMs(now, 20 * DAY_MS),
    }),
  );
  await world.travel(10 * DAY_MS);
  expect((await world.key(keyId)).stopsAt).toEqual(addMs(now, 200 * DAY_MS));
  success(await updateBinding(world, world.admin, { bindingId: id, config: { life: 'P200D' } }));
  await world.travel(20 * DAY_MS);
  expect((await world.key(keyId)).stopsAt).toEqual(addMs(now, 200 * DAY_MS));
});

test('binding: removing it while a change is announced withdraws the change, and the revision in force stays', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const { keyId } = await world.issue();
  const now = world.clock.now();
  const { id } = await world.bind({ policy: 'life', config: { life: 'P200D' } });
  await world.reviewer.reviewDue();
  const change = { bindingId: id, config: { life: 'P60D' }, mode: 'SHADOW' as const };
  success(await updateBinding(world, world.admin, { ...change, effectiveAt: addMs(now, 20 * DAY_MS) }));
  await world.reviewer.reviewDue();
  success(await unbindPolicy(world, world.admin, { bindingId: id, reason: 'It was too early.' }));
  expect((await world.realmEvents()).at(-1)).toMatchObject({
    type: 'POLICY_UNBOUND',
    data: { revision: 2, wasInForce: false, revisionInForce: 3 },
  });
  expect(await world.prisma.binding.findUniqueOrThrow({ where: { id } })).toMatchObject({
    unboundAt: null,
    isAnnounced: false,
    mode: 'ENFORCED',
    config: { life: 'P200D' },
  });
  await world.travel(30 * DAY_MS);
  expect(await world.key(keyId)).toMatchObject({ stopsAt: addMs(now, 200 * DAY_MS), stopsBasis: 'HARD' });
  const { verdicts } = await world.prisma.judgement.findUniqueOrThrow({ where: { keyId } });
  expect((verdicts as unknown as { bindingId: string }[]).filter(({ bindingId }) => bindingId === id)).toHaveLength(1);
  success(await unbindPolicy(world, world.admin, { bindingId: id }));
  await world.reviewer.reviewDue();
  expect((await world.key(keyId)).stopsBasis).toBe('BY_USE');
});

test('binding: a selector selects by owner, key, policy label and time of issue; a key that leaves it is no longer bound', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const labels = [{ name: 'policy/tier', value: 'trial' }];
  const trial = await world.issue({ labels }, world.admin);
  const other = await world.issue();
  const now = world.clock.now();
  const { id } = await world.bind({ policy: 'life', config: { life: 'P60D' }, selector: { labels } });
  await world.reviewer.reviewDue();
  expect((await world.key(trial.keyId)).stopsAt).toEqual(addMs(now, 60 * DAY_MS));
  expect((await world.key(other.keyId)).stopsBasis).toBe('BY_USE');
  const others = { bindingId: id, selector: { not: { labels } } };
  success(await updateBinding(world, world.admin, { ...others, previewToken: await world.token(others) }));
  await world.reviewer.reviewDue();
  expect((await world.key(trial.keyId)).stopsBasis).toBe('BY_USE');
  expect((await world.key(other.keyId)).stopsAt).toEqual(addMs(now, 60 * DAY_MS));
  success(
    await updateBinding(world, world.admin, {
      bindingId: id,
      selector: { owners: [world.admin.id], issuedBefore: now },
    }),
  );
  await world.reviewer.reviewDue();
  for (const { keyId } of [trial, other]) expect((await world.key(keyId)).stopsBasis).toBe('BY_USE');
});

test('binding: the last verdicts of a missing module stay in force, and the binding recovers by itself', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const { keyId } = await world.issue();
  const now = world.clock.now();
  const { id } = await world.bind({ policy: 'life', config: { life: 'P100D' } });
  await world.reviewer.reviewDue();
  await world.remove('life');
  await world.prisma.key.updateMany({ data: { reviewAt: now } });
  await world.reviewer.reviewDue();
  const broken = await world.prisma.binding.findUniqueOrThrow({ where: { id } });
  expect(broken).toMatchObject({ health: 'BROKEN', fault: { kind: 'MISSING', keyCount: 1 } });
  expect((await world.key(keyId)).stopsAt).toEqual(addMs(now, 100 * DAY_MS));
  // What is issued meanwhile is within the bounds of all others.
  const later = await world.issue({ ask: { lifetimeMs: 300 * DAY_MS } });
  expect((await world.key(later.keyId)).stopsAt).toEqual(addMs(now, 300 * DAY_MS));
  await world.write('life', LIFE);
  await world.travel(2 * HOUR_MS);
  // The key that was issued meanwhile is under it as well now.
  expect((await world.key(later.keyId)).stopsAt).toEqual(addMs(now, 100 * DAY_MS));
  expect((await world.prisma.binding.findUniqueOrThrow({ where: { id } })).health).toBe('WORKING');
  const types = (await world.realmEvents()).map(({ type }) => type);
  expect(types.filter((type) => type === 'POLICY_BROKEN' || type === 'POLICY_MENDED')).toEqual([
    'POLICY_BROKEN',
    'POLICY_MENDED',
  ]);
});

test('binding: a version is pinned by its hash until the binding is upgraded', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const { keyId } = await world.issue();
  const now = world.clock.now();
  const { id, hash } = await world.bind({ policy: 'life', config: { life: 'P100D' } });
  await world.reviewer.reviewDue();
  await world.write('life', LIFE.replace('key.createdAt + life', 'key.createdAt + 2 * life'));
  await world.prisma.key.updateMany({ data: { reviewAt: now } });
  await world.reviewer.reviewDue();
  expect((await world.key(keyId)).stopsAt).toEqual(addMs(now, 100 * DAY_MS));
  const newest = world.policies.versions().find(({ name, isCurrent }) => name === 'life' && isCurrent);
  expect(newest?.hash).not.toBe(hash);
  success(await updateBinding(world, world.admin, { bindingId: id, hash: newest!.hash }));
  await world.reviewer.reviewDue();
  expect((await world.key(keyId)).stopsAt).toEqual(addMs(now, 200 * DAY_MS));
});

test('binding: a renewal is decided by all bindings, in any order of them, and a cap binds what is chosen', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  await world.bind({ policy: 'bounded-lifetime', config: { longest: 'P30D' } });
  await world.bind({ policy: 'life', config: { life: 'P45D' } });
  const now = world.clock.now();
  const { keyId } = await world.issue({ ask: { lifetimeMs: 20 * DAY_MS } });
  await world.clock.advance(10 * MINUTE_MS);
  const tooLong = { keyId, ask: { lifetimeMs: 31 * DAY_MS }, accept: ['EXTEND' as const] };
  expect(failureOf(await renewKey(world, world.owner, tooLong))).toBe('ExpiryOutOfBounds');
  await world.travel(18 * DAY_MS);
  success(await renewKey(world, world.owner, { keyId, ask: { lifetimeMs: 30 * DAY_MS }, accept: ['EXTEND'] }));
  expect(await world.key(keyId)).toMatchObject({ stopsAt: addMs(now, 45 * DAY_MS), expiryBasis: 'HARD' });
});

test('binding: a freeze shifts policy’s stops to its end, and a chosen expiry stays', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const now = world.clock.now();
  const { keyId } = await world.issue();
  const chosen = await world.issue({ ask: { lifetimeMs: 60 * DAY_MS } });
  await world.bind({ policy: 'life', config: { life: 'P60D' } });
  await world.reviewer.reviewDue();
  world.clock.advance(2 * HOUR_MS);
  expect((await world.key(keyId)).stopsAt).toEqual(addMs(now, 60 * DAY_MS));
  const freeze = { from: addMs(now, 59 * DAY_MS), to: addMs(now, 65 * DAY_MS), reason: 'the big release' };
  success(await updateRealm(world, world.admin, { realm: 'default', freezes: [freeze] }));
  await world.reviewer.reviewDue();
  expect((await world.key(keyId)).stopsAt).toEqual(freeze.to);
  expect((await world.key(chosen.keyId)).stopsAt).toEqual(addMs(now, 60 * DAY_MS));
  // Too far off to be moved out of.
  const long = { ...freeze, to: addMs(now, 90 * DAY_MS) };
  success(await updateRealm(world, world.admin, { realm: 'default', freezes: [long] }));
  await world.reviewer.reviewDue();
  expect((await world.key(keyId)).stopsAt).toEqual(addMs(now, 60 * DAY_MS));
  // A calendar that changes to and fro is under the brake as well.
  success(await updateRealm(world, world.admin, { realm: 'default', freezes: [freeze] }));
  await world.reviewer.reviewDue();
  success(await updateRealm(world, world.admin, { realm: 'default', freezes: [] }));
  await world.reviewer.reviewDue();
  expect((await world.key(keyId)).stopsAt).toEqual(freeze.to);
  expect(await world.prisma.waitingStop.findMany()).toMatchObject([
    { keyId, to: addMs(now, 60 * DAY_MS), reason: { sentence: 'It is as old as a key may get.' } },
  ]);
});

test('binding: with followsModule it is upgraded to a new version that accepts its configuration', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const now = world.clock.now();
  const { keyId } = await world.issue();
  const { id, hash } = await world.bind({ policy: 'life', config: { life: 'P100D' }, followsModule: true });
  await world.reviewer.reviewDue();
  await world.write(
    'life',
    LIFE.replace(`life: duration({ min: 'PT1H' }).prefault('P90D')`, 'days: z.number()').replace(
      ', { life }',
      ', { days: life }',
    ),
  );
  await world.reviewer.reviewDue();
  expect((await world.prisma.binding.findUniqueOrThrow({ where: { id } })).hash).toBe(hash);
  await world.write('life', LIFE.replace('key.createdAt + life', 'key.createdAt + 2 * life'));
  await world.reviewer.reviewDue();
  const moved = await world.prisma.binding.findUniqueOrThrow({ where: { id } });
  expect([moved.hash === hash, moved.revision]).toEqual([false, 2]);
  expect((await world.key(keyId)).stopsAt).toEqual(addMs(now, 200 * DAY_MS));
  expect((await world.realmEvents()).at(-2)).toMatchObject({
    type: 'POLICY_CHANGED',
    actorKind: 'POLICY',
    actorId: id,
  });
});

test('binding: a changed label or owner, or a disabled account, has the key reviewed at once', async () => {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const labels = [{ name: 'policy/strict', value: 'yes' }];
  const { keyId } = await world.issue();
  await world.bind({ policy: 'life', config: { life: 'P60D' }, selector: { labels } });
  await world.bind({ policy: 'dormant-owner', config: { unverified: null } });
  await world.reviewer.reviewDue();
  const now = world.clock.now();
  success(await updateKey(world, world.admin, { keyId, labels }));
  await world.reviewer.reviewDue();
  expect((await world.key(keyId)).stopsAt).toEqual(addMs(now, 60 * DAY_MS));
  world.clock.advance(2 * HOUR_MS);
  success(await disableAccount(world, world.admin, { accountId: world.owner.id, reason: 'gone' }));
  await world.reviewer.reviewDue();
  expect(await world.key(keyId)).toMatchObject({ standing: 'WARNED', stopsBasis: 'BY_USE' });
});

test('binding: an organization that loses a member has its keys reviewed at once', async () => {
  const world = await openBindingWorld();
  const { id, lena, otto } = await world.organization({ lena: 'OWNER', otto: 'MEMBER' });
  await world.prisma.account.update({ where: { id: otto.id }, data: { lastSignInAt: world.clock.now() } });
  const { keyId } = await world.issue({ owner: id }, lena);
  await world.bind({ policy: 'dormant-owner', config: { unverified: null } });
  await world.travel(0);
  const { reviewAt } = await world.key(keyId);
  expect(reviewAt!.getTime()).toBeGreaterThan(world.clock.now().getTime());
  success(await setMember(world, lena, { organizationId: id, accountId: otto.id, role: null }));
  expect((await world.key(keyId)).reviewAt).toEqual(world.clock.now());
});

test('binding: when several modules loop, no other is blamed, and it is evaluated soon', async () => {
  const world = await openBindingWorld();
  const looping = ['a-loop', 'b-loop', 'c-loop', 'd-loop'];
  const { keyId } = await world.issue();
  for (const name of looping) {
    await world.write(
      name,
      LIFE.replace("'life'", `'${name}'`).replace('key.createdAt + life', '(() => { for (;;); })()'),
    );
    await world.bind({ policy: name });
  }
  await world.write('life', LIFE);
  const { id } = await world.bind({ policy: 'life' });
  const { createdAt } = await world.key(keyId);
  await world.prisma.binding.updateMany({ data: { sweepCursor: null } });
  await world.prisma.key.updateMany({ data: { reviewAt: world.clock.now() } });
  await world.reviewer.reviewDue();
  await world.travel(MINUTE_MS);
  expect(await world.key(keyId)).toMatchObject({ stopsAt: addMs(createdAt, 90 * DAY_MS), stopsBasis: 'HARD' });
  const broken = (await world.realmEvents()).filter(({ type }) => type === 'POLICY_BROKEN');
  expect(broken.map(({ data }) => (data as { policy: string }).policy).toSorted()).toEqual(looping);
  expect(await world.prisma.binding.findUniqueOrThrow({ where: { id } })).toMatchObject({ health: 'WORKING' });
});
