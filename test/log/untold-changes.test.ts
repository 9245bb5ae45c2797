import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { unbindPolicy } from '../../src/bindings/unbind.ts';
import { updateBinding } from '../../src/bindings/update.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/duration.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { openBindingWorld, LIFE, type BindingWorld } from '../support/binding-world.ts';
import { openFaultWorld } from '../support/fault-world.ts';
import { mutationCases } from '../support/mutation-cases.ts';
import { realmEvents, secretEvents } from '../../src/keys/table/follow-changes.ts';
import { countChanges, findEventsOf, findUntoldChanges, watchChanges } from '../support/untold-changes.ts';
import { assertProperty } from '../laws/assert-property.ts';
import { checkLaw, TIMEOUT } from '../laws/check-law.ts';

const isLong = process.env['KEYTIDE_TEST_LONG'] !== undefined;

test(
  'verification: no mutation changes what an answer needs without telling the log',
  { timeout: 300_000 },
  async () => {
    const { gateway, prepare, succeed } = await openFaultWorld();
    await watchChanges(gateway.database);
    for (const [index, one] of mutationCases.entries()) await succeed(await prepare(one, `case-${index}`));
    await gateway.services.uses.flush();
    expect(await findUntoldChanges(gateway.database)).toEqual([]);
    const seen = await countChanges(gateway.database);
    expect(Object.keys(seen).toSorted()).toEqual(['Action', 'Hold', 'Key', 'Label', 'Realm', 'Secret', 'Subject']);
    // By their types a table learns of new secrets, and of what is the same for all keys of a realm.
    const ofSecrets = await findEventsOf(gateway.database, 'Secret', 'INSERT');
    expect(ofSecrets.filter((types) => !types.some((type) => secretEvents.has(type)))).toEqual([]);
    const ofRealms = [
      ...(await findEventsOf(gateway.database, 'Realm', 'UPDATE')),
      ...(await findEventsOf(gateway.database, 'Action', 'INSERT')),
    ];
    expect(ofRealms.filter((types) => !types.some((type) => realmEvents.has(type)))).toEqual([]);
    expect([ofSecrets.length, ofRealms.length].every((count) => count > 0)).toBe(true);
  },
);

test(
  'verification: no history of a key changes what an answer needs without telling the log',
  { timeout: TIMEOUT },
  async () => {
    let isWatched = false;
    const world = await checkLaw(
      async (_after, _before, { database }) => {
        if (isWatched) return expect(await findUntoldChanges(database)).toEqual([]);
        await watchChanges(database);
        isWatched = true;
      },
      { mix: { both: 12, repeat: 12, time: 36 }, runs: 6 },
    );
    expect((await countChanges(world.database))['Key']).toBeGreaterThan(5);
  },
);

const days = (most: number) => fc.integer({ min: 1, max: most });
const which = fc.nat(3);
const proposal = fc.oneof(
  days(700).map((count) => ({ policy: 'life', config: { life: `P${count}D` } })),
  days(200).map((count) => ({ policy: 'unused-expires', config: { idle: `P${count}D` } })),
  days(60).map((count) => ({ policy: 'renewal-window', config: { rotateAfter: `P${count}D` } })),
  days(365).map((count) => ({ policy: 'bounded-lifetime', config: { capEveryKey: `P${count}D` } })),
);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('bind' as const), proposal }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('update' as const), which, proposal }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unbind' as const), which }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('use' as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('renew' as const), which, lifeDays: days(365) }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: days(60).map((count) => count * DAY_MS) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

test(
  'verification: no review changes what an answer needs without telling the log, whatever policies decide',
  { timeout: TIMEOUT },
  async () => {
    const world = await openBindingWorld();
    await world.write('life', LIFE);
    await watchChanges(world.database);
    await runSteps(world, quietHistory);
    // Each of its four keys changed without an event.
    const quiet = await world.prisma.quietChange.findMany();
    expect(new Set(quiet.flatMap(({ keyIds }) => keyIds)).size).toBe(4);
    await assertProperty(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: isLong ? 40 : 14 }), (steps) =>
        runSteps(world, steps),
      ),
      { numRuns: isLong ? 100 : 5, minRuns: 2, timeLimitMs: 60_000 },
    );
    expect(world.failures).toEqual([]);
  },
);

/** A binding that only moves the moment of the renewal, of every key: to a window that ends before the earlier one begins. */
const quietHistory: Step[] = [{ do: 'bind', proposal: { policy: 'renewal-window', config: { rotateAfter: 'P60D' } } }];

async function runSteps(world: BindingWorld, steps: readonly Step[]): Promise<void> {
  await dropBindings(world);
  const issued = [];
  for (let index = 0; index < 4; index += 1) {
    issued.push(await world.issue(index % 2 === 0 ? { ask: { lifetimeMs: 200 * DAY_MS } } : {}));
    world.clock.advance(HOUR_MS);
  }
  for (const one of steps) {
    await takeStep(world, one, issued);
    await world.reviewer.reviewDue();
    expect(await findUntoldChanges(world.database), JSON.stringify(one)).toEqual([]);
  }
}

/** Ends what an earlier history has bound, beside the default bindings; its keys are left alone. */
async function dropBindings({ prisma, clock }: BindingWorld): Promise<void> {
  const fresh = await prisma.binding.findMany({ orderBy: { id: 'asc' }, take: 3, select: { id: true } });
  const where = { id: { notIn: fresh.map(({ id }) => id) } };
  await prisma.binding.updateMany({ where, data: { unboundAt: clock.now(), sweepCursor: null } });
  await prisma.key.updateMany({ data: { reviewAt: null } });
}

async function takeStep(
  world: BindingWorld,
  one: Step,
  issued: readonly { keyId: string; secret: string }[],
): Promise<void> {
  const bindingOf = async (index: number) => {
    const open = await world.prisma.binding.findMany({ where: { unboundAt: null }, orderBy: { id: 'asc' }, skip: 3 });
    return open[index % Math.max(1, open.length)];
  };
  switch (one.do) {
    case 'bind':
      await world.bind(one.proposal);
      return;
    case 'update': {
      const binding = await bindingOf(one.which);
      if (binding?.policy !== one.proposal.policy) return;
      await updateBinding(world, world.admin, { bindingId: binding.id, config: one.proposal.config });
      return;
    }
    case 'unbind': {
      const binding = await bindingOf(one.which);
      if (binding !== undefined) await unbindPolicy(world, world.admin, { bindingId: binding.id });
      return;
    }
    case 'use':
      await world.verify(issued[one.which]!.secret);
      return;
    case 'renew':
      await renewKey(world, world.owner, {
        keyId: issued[one.which]!.keyId,
        ask: { lifetimeMs: one.lifeDays * DAY_MS },
        accept: ['EXTEND', 'ROTATE'],
      });
      return;
    case 'pass':
      world.clock.advance(one.ms);
  }
}
