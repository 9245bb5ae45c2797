import { expect, onTestFinished, test, vi } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { ReviewLoop } from '../../src/keys/review-loop.ts';
import { LIFE, openBindingWorld, type BindingWorld } from '../support/binding-world.ts';
import { interceptEvaluation } from '../support/intercept-evaluation.ts';
import { makeManyKeys } from '../support/many-keys.ts';

/** More than two batches. */
const COUNT = 1_150;

/** A world with many keys of the owner, and a binding that ends them after 300 days, confirmed with its preview. */
async function openSweep(): Promise<{ world: BindingWorld; ids: string[]; hash: string }> {
  const world = await openBindingWorld();
  await world.write('life', LIFE);
  const stopsAt = addMs(world.clock.now(), 400 * DAY_MS);
  const row = { accountId: world.owner.id, stopsAt, stopsBasis: 'BY_USE' as const };
  const ids = await makeManyKeys(
    world,
    world.realmId,
    Array.from({ length: COUNT }, () => row),
  );
  const proposal = { policy: 'life', config: { life: 'P300D' } };
  const { hash } = await world.bind({ ...proposal, previewToken: await world.token(proposal) });
  return { world, ids: ids.toSorted(), hash };
}

/** How many keys the binding shortened, and how many events say so. */
async function countShortened({ prisma, clock }: BindingWorld): Promise<{ keys: number; events: number }> {
  const stopsAt = { lte: addMs(clock.now(), 301 * DAY_MS) };
  return {
    keys: await prisma.key.count({ where: { stopsAt } }),
    events: await prisma.event.count({ where: { type: 'KEY_STOP_CHANGED' } }),
  };
}

test('sweep: the modules are asked about the next batch while one is written, and each key is decided once', async () => {
  const { world, hash } = await openSweep();
  const asked = new Map<string, number>();
  const { original } = interceptEvaluation(
    world,
    (question) => question.hash === hash,
    (question) => {
      for (const { key } of question.facts) asked.set(key.id, (asked.get(key.id) ?? 0) + 1);
      return original(question);
    },
  );
  await world.reviewer.reviewDue();
  expect(await countShortened(world)).toEqual({ keys: COUNT, events: COUNT });
  expect(asked.size).toBe(COUNT);
  expect(Math.max(...asked.values())).toBe(1);
  const applied = await world.prisma.event.findFirstOrThrow({ where: { type: 'POLICY_APPLIED' } });
  expect(applied.data).toMatchObject({ keyCount: COUNT, silentCount: 0 });
  expect(world.failures).toEqual([]);
});

test('sweep: a key of the next batch that changes while a batch is written is decided as it then is', async () => {
  const { world, ids, hash } = await openSweep();
  const changed = ids[700]!;
  let isChanged = false;
  const { original } = interceptEvaluation(
    world,
    (question) => question.hash === hash,
    async (question) => {
      const evaluations = await original(question);
      // After the modules were asked, and before its batch is written.
      if (!isChanged && question.facts.some(({ key }) => key.id === changed)) {
        isChanged = true;
        await world.prisma.key.update({
          where: { id: changed },
          data: { chosenExpiresAt: addMs(world.clock.now(), 20 * DAY_MS) },
        });
      }
      return evaluations;
    },
  );
  await world.reviewer.reviewDue();
  await world.reviewer.reviewDue();
  expect(isChanged).toBe(true);
  expect((await world.key(changed)).expiresAt).toEqual(addMs(world.clock.now(), 20 * DAY_MS));
  expect((await countShortened(world)).keys).toBe(COUNT);
});

/** Returns how many keys were shortened at which moments. */
async function countByMoment({ prisma }: BindingWorld): Promise<(readonly [Date, number])[]> {
  const moments = await prisma.event.groupBy({
    by: ['at'],
    where: { type: 'KEY_STOP_CHANGED' },
    _count: true,
    orderBy: { at: 'asc' },
  });
  return moments.map(({ at, _count }) => [at, _count]);
}

/** Returns a reviewer of the world that calls a function once, between the first batch and the rehearsed one. */
function reviewerWithPause(world: BindingWorld, pause: () => void): ReviewLoop {
  let isOver = false;
  return new ReviewLoop(world, {
    mayReview: () => true,
    onReviewed() {
      if (!isOver) pause();
      isOver = true;
    },
    onFailure: (error) => world.failures.push(error),
  });
}

test('sweep: a batch that was rehearsed and then waited is decided for the moment at which it is written', async () => {
  const { world } = await openSweep();
  const beganAt = world.clock.now();
  await reviewerWithPause(world, () => world.clock.advance(MINUTE_MS)).reviewDue();
  expect(await countByMoment(world)).toEqual([
    [beganAt, 500],
    [addMs(beganAt, MINUTE_MS), COUNT - 500],
  ]);
  expect(world.failures).toEqual([]);
});

test('sweep: after a failure between batches the next poll rehearses its batch anew', async () => {
  const { world } = await openSweep();
  const beganAt = world.clock.now();
  const flush = vi.spyOn(world.uses, 'flush');
  onTestFinished(() => flush.mockRestore());
  const reviewer = reviewerWithPause(world, () => {
    world.clock.advance(1_000);
    flush.mockRejectedValueOnce(new Error('the uses cannot be written'));
  });
  await expect(reviewer.reviewDue()).rejects.toThrow('the uses cannot be written');
  await reviewer.reviewDue();
  expect(await countByMoment(world)).toEqual([
    [beganAt, 500],
    [addMs(beganAt, 1_000), COUNT - 500],
  ]);
});

test('sweep: a batch that cannot be written makes its keys due, and the sweep goes on', async () => {
  const { world, ids } = await openSweep();
  await world.prisma.$executeRawUnsafe(`
    CREATE FUNCTION fail_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.id = '${ids[600]!}' AND NEW."reviewAt" IS DISTINCT FROM OLD."reviewAt" AND NEW."stopsAt" < OLD."stopsAt"
      THEN RAISE EXCEPTION 'this key cannot be written'; END IF;
      RETURN NEW;
    END $$`);
  await world.prisma.$executeRaw`
    CREATE TRIGGER fail_once BEFORE UPDATE ON "Key" FOR EACH ROW EXECUTE FUNCTION fail_once()`;
  await world.reviewer.reviewDue();
  await world.reviewer.reviewDue();
  expect(await countShortened(world)).toEqual({ keys: COUNT - 1, events: COUNT - 1 });
  expect(world.failures.map(String)).toEqual([expect.stringContaining(`review of key ${ids[600]!} failed`)]);
});
