import { expect, test } from 'vitest';
import { DAY_MS, SECOND_MS } from '../../src/domain/duration.ts';
import { newId } from '../../src/domain/id.ts';
import { addMs } from '../../src/domain/key.ts';
import { AT_ONCE_SETTLES_MS } from '../../src/domain/rotation.ts';
import type { RefusalKind } from '../../src/keys/pending-refusals.ts';
import { openKeyWorld, type KeyWorld } from '../support/key-world.ts';
import { makeManyKeys } from '../support/many-keys.ts';
import { seededDraw, type Draw } from '../support/seeded-random.ts';

/** How keys of one kind are, and how they are refused. */
interface Kind {
  readonly keyCount: number;
  readonly outcome: RefusalKind['outcome'];
  readonly heldByPolicy?: boolean;
  /** Who is refused. Default: ci, which used the key yesterday. */
  readonly consumer?: (draw: Draw) => string;
  readonly lastUsedDaysAgo?: number;
  readonly holder?: 'OWNER' | 'LEAK' | 'POLICY';
  readonly isLeaked?: boolean;
  /** Whether the key has a second secret, and whether ci has used it. */
  readonly next?: 'USED' | 'UNUSED';
  readonly isUnderWay?: boolean;
}

/** What breaks a consumer: 100 in all, one refusal each. */
const planted: Readonly<Record<string, Kind>> = {
  'the key expired': { keyCount: 40, outcome: 'KEY_EXPIRED' },
  'it had worked, long ago': { keyCount: 10, outcome: 'KEY_EXPIRED', lastUsedDaysAgo: 399 },
  'the secret retired': { keyCount: 25, outcome: 'SECRET_RETIRED', next: 'UNUSED' },
  'policies hold the key': { keyCount: 25, outcome: 'KEY_HELD', heldByPolicy: true, holder: 'POLICY' },
};

/** Refusals of every other kind. */
const others: Readonly<Record<string, Kind>> = {
  'it may not do that': { keyCount: 60, outcome: 'SCOPE_MISSING' },
  'nobody knows the action': { keyCount: 60, outcome: 'ACTION_UNKNOWN' },
  'it comes from elsewhere': { keyCount: 60, outcome: 'ADDRESS_NOT_ALLOWED' },
  'it is too early': { keyCount: 60, outcome: 'NOT_YET_VALID' },
  'it is a brownout': { keyCount: 60, outcome: 'BROWNOUT' },
  'a person revoked the key': { keyCount: 60, outcome: 'KEY_REVOKED' },
  'a person holds the key': { keyCount: 60, outcome: 'KEY_HELD', holder: 'OWNER' },
  'the key is held after a leak': { keyCount: 60, outcome: 'KEY_HELD', holder: 'LEAK', isLeaked: true },
  'a person held the key before it expired': { keyCount: 60, outcome: 'KEY_EXPIRED', holder: 'OWNER' },
  'a leaked secret was replaced': { keyCount: 60, outcome: 'SECRET_RETIRED', next: 'UNUSED', isLeaked: true },
  'it has moved to the new secret': { keyCount: 60, outcome: 'SECRET_RETIRED', next: 'USED' },
  'the request was under way': { keyCount: 60, outcome: 'SECRET_RETIRED', next: 'UNUSED', isUnderWay: true },
  'a thief has an expired key': { keyCount: 60, outcome: 'KEY_EXPIRED', consumer: (draw) => `thief ${draw.below(40)}` },
  'a thief has an old secret': {
    ...{ keyCount: 60, outcome: 'SECRET_RETIRED', next: 'USED' },
    consumer: (draw) => `thief ${draw.below(40)}`,
  },
  'it has no label': { keyCount: 60, outcome: 'KEY_EXPIRED', consumer: () => '' },
  'it is one of too many to tell apart': { keyCount: 60, outcome: 'KEY_EXPIRED', consumer: () => '(others)' },
  'it was last seen more than 400 days ago': { keyCount: 60, outcome: 'KEY_EXPIRED', lastUsedDaysAgo: 401 },
};

const OTHER_REFUSALS = 100_000;

interface Target {
  readonly kind: Kind;
  readonly keyId: string;
  readonly secretId: string;
}

test('breakage: 100 planted among 100,000 refusals of every other kind: precision and recall are over 0.99', async () => {
  const world = await openKeyWorld();
  const draw = seededDraw(2026);
  const now = world.clock.now();
  const breaking = await plant(world, Object.values(planted));
  const harmless = await plant(world, Object.values(others));
  expect(breaking).toHaveLength(100);

  const refuse = ({ kind, keyId, secretId }: Target, ms: number) => {
    const { outcome, heldByPolicy = false, consumer } = kind;
    const at = addMs(now, kind.isUnderWay === true ? ms % (AT_ONCE_SETTLES_MS - SECOND_MS) : ms);
    world.uses.recordRefusal({ id: keyId, secretId }, { outcome, heldByPolicy }, consumer?.(draw) ?? 'ci', at);
  };
  // The planted ones come at any time among the others; thieves have their secrets too.
  const when = new Map(draw.shuffle(breaking).map((target, index) => [index * 997, target]));
  for (let index = 0; index < OTHER_REFUSALS; index += 1) {
    refuse(draw.pick(harmless), draw.below(60 * SECOND_MS));
    const target = when.get(index);
    if (target !== undefined) {
      refuse(target, draw.below(60 * SECOND_MS));
      world.uses.recordRefusal(
        { id: target.keyId, secretId: target.secretId },
        { outcome: 'KEY_EXPIRED', heldByPolicy: false },
        'a thief',
        now,
      );
    }
    if (index % 5_000 === 0) await world.uses.flush();
  }
  await world.uses.flush();
  expect(world.failures).toEqual([]);

  const counted = await world.prisma.refusal.aggregate({ _sum: { count: true } });
  expect(counted._sum.count).toBe(BigInt(OTHER_REFUSALS + 2 * breaking.length));
  const kinds = await world.prisma.refusal.groupBy({ by: ['outcome'] });
  expect(kinds).toHaveLength(9);

  const found = await world.prisma.breakage.findMany();
  const expected = new Set(breaking.map(({ keyId }) => `${keyId} ci`));
  const right = found.filter(({ keyId, consumer }) => expected.has(`${keyId} ${consumer}`)).length;
  const [precision, recall] = [right / found.length, right / expected.size];
  process.stdout.write(
    `breakages: ${found.length} found, ${right} planted: precision ${precision}, recall ${recall}\n`,
  );
  expect(precision).toBeGreaterThan(0.99);
  expect(recall).toBeGreaterThan(0.99);
  expect(await world.prisma.event.count({ where: { type: 'KEY_BROKE_CONSUMER' } })).toBe(found.length);
});

async function plant(world: KeyWorld, kinds: readonly Kind[]): Promise<Target[]> {
  const { prisma, clock, random, owner, realmId } = world;
  const now = clock.now();
  const keys = kinds.flatMap((kind) => Array.from({ length: kind.keyCount }, () => kind));
  const createdAt = addMs(now, -500 * DAY_MS);
  const ids = await makeManyKeys(
    world,
    realmId,
    keys.map(({ next }) => ({ accountId: owner.id, createdAt, isRotating: next !== undefined })),
  );
  const secrets = await prisma.secret.findMany({ where: { keyId: { in: ids }, generation: 1 } });
  const firstOf = new Map(secrets.map(({ id, keyId }) => [keyId, id]));
  const targets = ids.map((keyId, index) => ({ kind: keys[index]!, keyId, secretId: firstOf.get(keyId)! }));
  await prisma.use.deleteMany({ where: { secret: { keyId: { in: ids } } } });
  const next = await prisma.secret.findMany({ where: { keyId: { in: ids }, generation: 2 } });
  const nextOf = new Map(next.map(({ id, keyId }) => [keyId, id]));
  await prisma.secret.updateMany({
    where: { keyId: { in: ids }, retiresAt: { not: null } },
    data: { retiresAt: addMs(now, -DAY_MS) },
  });
  for (const { kind, keyId, secretId } of targets) {
    const lastUsedAt = addMs(now, -(kind.lastUsedDaysAgo ?? 1) * DAY_MS);
    const used = { consumer: 'ci', firstUsedAt: addMs(lastUsedAt, -DAY_MS), lastUsedAt, useCount: 2n };
    await prisma.use.create({ data: { ...used, secretId } });
    if (kind.next === 'USED') await prisma.use.create({ data: { ...used, secretId: nextOf.get(keyId)! } });
    if (kind.isUnderWay === true) {
      const [retiresAt, of] = [addMs(now, -1), { rotatedAtOnceBy: owner.id }];
      await prisma.secret.update({ where: { id: secretId }, data: { retiresAt } });
      await prisma.secret.update({ where: { id: nextOf.get(keyId)! }, data: { ...of, createdAt: retiresAt } });
    }
    if (kind.holder !== undefined) {
      const source = { source: kind.holder, sourceId: 'x', sourceName: 'x', reason: 'x', since: addMs(now, -DAY_MS) };
      await prisma.hold.create({ data: { id: newId('hold', now, random), keyId, ...source } });
    }
    if (kind.isLeaked === true) {
      const report = { ownerId: owner.id, reportedBy: 'github', reportedAt: now, outcome: 'RETIRED' as const };
      await prisma.leak.create({ data: { secretId, ...report } });
    }
  }
  return targets;
}
