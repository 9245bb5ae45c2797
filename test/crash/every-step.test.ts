import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { schema } from '../../src/graphql/schema.ts';
import { isUnavailable } from '../../src/store/unavailable.ts';
import { type FaultWorld, openFaultWorld } from '../support/fault-world.ts';
import { expectInvariants } from '../support/invariants.ts';
import { mutationCases } from '../support/mutation-cases.ts';
import { cutConnection, StatementFaults } from '../support/statement-faults.ts';

/** The node's connection is cut: of a crash that is all that the database ever sees. Real ones are in killed-node.test.ts. */
const faults = new StatementFaults(cutConnection);

/** Sends it until it gets through, cut off at one statement later each time. Returns how many statements it takes. */
async function cutAtEveryStatement(
  { dump, waitUntilDisconnected }: FaultWorld,
  send: () => Promise<unknown>,
): Promise<number> {
  const before = await dump();
  for (let at = 1; ; at += 1) {
    faults.arm({ at, when: 'BEFORE' });
    const outcome = await send().then(
      () => 'DONE',
      (error: unknown) => error,
    );
    if (faults.hit === null) {
      expect(outcome).toBe('DONE');
      return at - 1;
    }
    const place = `cut off at ${faults.statements.at(-1)}`;
    expect(outcome, place).toEqual(new Error('UNAVAILABLE'));
    await waitUntilDisconnected(faults.hit);
    expect(await dump(), place).toEqual(before);
  }
}

/** The same for what a node does by itself: an error that says that the database is gone is all right. */
async function byItself(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    throw isUnavailable(error) ? new Error('UNAVAILABLE') : error;
  });
}

/** Of every third mutation one way; in the long form all ways of all of them. */
const cutCases = process.env['KEYTIDE_TEST_LONG']
  ? mutationCases
  : [...new Map(mutationCases.map((one) => [one.mutation, one])).values()].filter((_, index) => index % 3 === 0);

test('crash: every mutation of the schema has a case', () => {
  const mutations = Object.keys(schema.getMutationType()!.getFields());
  // Verification writes nothing itself: the batch of use that it leads to is cut off below.
  expect([...new Set(mutationCases.map(({ mutation }) => mutation)), 'verifyKey'].sort()).toEqual(mutations.sort());
});

test(
  'crash: a mutation cut off at any statement is never half done; repeated, it is one change',
  { timeout: 300_000 },
  async () => {
    const world = await openFaultWorld();
    // With the first key of a realm it is written down, once, what may be asked for there.
    await world.world.key();
    for (const one of cutCases) {
      const prepared = await world.prepare(one, `cut ${one.title}`);
      const before = await world.head();
      const count = await cutAtEveryStatement(world, () => world.succeed(prepared));
      expect(count, one.title).toBeGreaterThanOrEqual(4);
      await world.expectOneChange(prepared, one, before);

      // And once when the database has the COMMIT and nobody hears of it: whether it happened, only a repetition tells.
      const lost = await world.prepare(one, `lost ${one.title}`);
      const position = await world.head();
      faults.arm({ at: 'COMMIT', when: 'SENT' });
      await expect(world.succeed(lost), one.title).rejects.toThrow('UNAVAILABLE');
      expect(faults.statements).toHaveLength(count);
      await world.waitUntilDisconnected(faults.hit);
      expect([[], one.events], one.title).toContainEqual(await world.eventsAfter(position));
      if (!one.isRepeatable) await world.expectOneChange(lost, one, position);
    }
  },
);

test('crash: a review cut off at any statement is never half done; the next one completes it', async () => {
  const faultWorld = await openFaultWorld();
  const { gateway, database, world } = faultWorld;
  await world.key();
  await world.rotatingKey();
  const { id } = await world.key();
  const expiresAt = new Date(gateway.clock.now().getTime() + 3 * DAY_MS).toISOString();
  await world.mutate('updateKey', { keyId: id, expiresAt }, 'key { id }');
  gateway.clock.advance(16 * DAY_MS);
  const before = await faultWorld.head();
  await cutAtEveryStatement(faultWorld, () => byItself(gateway.node.reviewer.reviewDue()));
  const eventTypes = (await faultWorld.eventsAfter(before)).sort();
  expect(eventTypes).toEqual(['KEY_EXPIRED', 'KEY_EXPIRING', 'KEY_EXPIRING', 'KEY_ROTATION_COMPLETED']);
  await expectInvariants(database);
});

test('crash: a batch of an operation cut off at any statement is never half done; the next one changes each key once', async () => {
  const faultWorld = await openFaultWorld();
  const { gateway, database, world } = faultWorld;
  const id = await world.operation();
  const before = await faultWorld.head();
  // First the batch, then the end of the operation.
  for (const step of ['HOLD', 'the end']) {
    const count = await cutAtEveryStatement(faultWorld, () => byItself(gateway.node.operationLoop.runRound()));
    expect(count, step).toBeGreaterThan(4);
  }
  expect(await faultWorld.eventsAfter(before)).toEqual(['KEY_HELD', 'OPERATION_ENDED']);
  const { state, done } = await gateway.prisma.operation.findUniqueOrThrow({ where: { id } });
  expect([state, done]).toEqual(['DONE', 1]);
  await expectInvariants(database);
});

test('crash: a batch of use cut off at any statement is never half written; the next flush writes it', async () => {
  const faultWorld = await openFaultWorld();
  const { gateway, database, world } = faultWorld;
  const { id, oldSecret, secret } = await world.rotatingKey();
  await world.mutate('confirmRotation', { keyId: id }, 'key { id }');
  const token = await gateway.admin();
  const verify = (text: string, consumer: string) => {
    const query = 'mutation ($input: VerifyKeyInput!) { verifyKey(input: $input) { outcome } }';
    return gateway.ask(query, { input: { secret: text, consumer } }, token);
  };
  const before = await faultWorld.head();
  // As long as no use of it was written a secret's use is, at once: each time that is cut off, so that all of it is one batch.
  for (const consumer of ['ci', 'ci', 'laptop']) {
    faults.arm({ at: 1, when: 'BEFORE' });
    await verify(secret, consumer);
    await expect.poll(() => faults.hit).not.toBeNull();
  }
  await verify(oldSecret, 'ci');
  await cutAtEveryStatement(faultWorld, () => byItself(gateway.services.uses.flush()));
  expect(await faultWorld.eventsAfter(before)).toEqual(['KEY_FIRST_USED', 'KEY_SECRET_REUSED']);
  const counts = 'SELECT consumer, sum("useCount")::int AS count FROM "Use" GROUP BY 1 ORDER BY 1';
  expect((await database.query(counts)).rows).toEqual([
    { consumer: 'ci', count: 2 },
    { consumer: 'laptop', count: 1 },
  ]);
  await expectInvariants(database);
});
