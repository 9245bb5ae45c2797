import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { type DirectedNode, startDirectedNode } from '../support/direct-node.ts';
import { type FaultWorld, openFaultWorld } from '../support/fault-world.ts';
import { askAt } from '../support/gateway-process.ts';
import { expectInvariants } from '../support/invariants.ts';
import { type MutationCase, mutationCases, type PreparedMutation } from '../support/mutation-cases.ts';
import { type FaultPlace, StatementFaults } from '../support/statement-faults.ts';

const isLong = Boolean(process.env['KEYTIDE_TEST_LONG']);

/** Every twentieth of them; in the long form all. That none is half done, wherever it is cut off, another test shows of each. */
const killedCases = mutationCases.filter((_, index) => isLong || index % 30 === 0);

/** In this process statements are only counted. */
const counted = new StatementFaults(() => {});

/** Sends a request to a node that kills itself at a place. */
async function killIn(
  node: DirectedNode,
  place: FaultPlace,
  { query, variables, credential }: PreparedMutation,
): Promise<void> {
  await node.direct({ action: 'ARM', place, signal: 'SIGKILL' });
  await expect(askAt(node.url, query, variables, credential)).rejects.toThrow();
  expect(await node.gone).toBe('SIGKILL');
}

/** Nodes one after the other, the next one started while the last one is used. */
function nodesOn({ gateway }: FaultWorld) {
  const start = () => startDirectedNode(gateway.database, gateway.clock.now());
  let next = start();
  return async () => {
    const node = await next;
    next = start();
    next.catch(() => undefined); // the last one may not get to the end of its start
    return node;
  };
}

/** How many statements a mutation takes, from BEGIN to COMMIT. */
async function countStatements(world: FaultWorld, one: MutationCase): Promise<number> {
  const prepared = await world.prepare(one, `counted ${one.title}`);
  counted.arm(null);
  await world.succeed(prepared);
  expect(counted.statements.at(-1)).toBe('COMMIT');
  return counted.statements.length;
}

test(
  'crash: killed after the commit and before the response, the repeated request is one change',
  { timeout: 300_000 },
  async () => {
    const world = await openFaultWorld();
    // With the first key of a realm it is written down, once, what may be asked for there.
    await world.world.key();
    const nextNode = nodesOn(world);
    for (const one of killedCases) {
      const last = await countStatements(world, one);
      const prepared = await world.prepare(one, `killed ${one.title}`);
      const before = await world.head();
      await killIn(await nextNode(), { at: last, when: 'AFTER' }, prepared);
      expect(await world.eventsAfter(before), one.title).toEqual(one.events);
      await world.expectOneChange(prepared, one, before);
    }
  },
);

test('crash: killed before the commit, a node has changed nothing', { timeout: 1_200_000 }, async () => {
  const world = await openFaultWorld();
  await world.world.key();
  const nextNode = nodesOn(world);
  const chosen = ['renewKey, by ROTATE', 'undoRotation, used', 'acceptInvitation'];
  for (const one of isLong ? mutationCases : mutationCases.filter(({ title }) => chosen.includes(title))) {
    const last = await countStatements(world, one);
    const prepared = await world.prepare(one, `killed ${one.title}`);
    const before = await world.dump();
    const position = await world.head();
    const places = Array.from({ length: last }, (_, index) => index + 1);
    for (const at of isLong ? places : places.slice(-1)) {
      await killIn(await nextNode(), { at, when: 'BEFORE' }, prepared);
      expect(await world.dump(), `${one.title}, killed at statement ${at} of ${last}`).toEqual(before);
    }
    await world.succeed(prepared);
    await world.expectOneChange(prepared, one, position);
  }
});

test(
  'crash: killed in a review, a batch of use or of an operation, the next node completes it once',
  { timeout: 180_000 },
  async () => {
    const faultWorld = await openFaultWorld();
    const { gateway, database, world } = faultWorld;
    const { id: keyId } = await world.key();
    const { id: secretId } = await gateway.prisma.secret.findFirstOrThrow({ where: { keyId } });
    const sighting = { secretId, keyId, consumer: 'ci' };
    const at = gateway.clock.now().toISOString();
    gateway.clock.advance(20 * DAY_MS);
    const nextNode = nodesOn(faultWorld);
    const operationId = await world.operation();
    const before = await faultWorld.head();
    for (const direction of [
      { action: 'OPERATE' },
      { action: 'REVIEW' },
      { action: 'WRITE_USE', sightings: [{ ...sighting, at }] },
    ] as const) {
      const node = await nextNode();
      await node.direct({ action: 'ARM', place: { at: 'INSERT', when: 'SENT' }, signal: 'SIGKILL' });
      await expect(node.direct(direction)).rejects.toThrow('the node is gone: SIGKILL');
      expect(await faultWorld.eventsAfter(before)).toEqual([]);
    }
    // Until the server has noticed that the killed one is gone, its keys are left to it.
    while ((await gateway.node.reviewer.reviewDue()) === 0);
    gateway.services.uses.record({ id: keyId, secretId }, sighting.consumer, new Date(at));
    await gateway.services.uses.flush();
    expect(await faultWorld.eventsAfter(before)).toEqual(['KEY_EXPIRING', 'KEY_FIRST_USED']);
    const isDone = async () => {
      await gateway.node.operationLoop.runDue();
      return (await gateway.prisma.operation.findUniqueOrThrow({ where: { id: operationId } })).state;
    };
    await expect.poll(isDone).toBe('DONE');
    expect((await faultWorld.eventsAfter(before)).slice(2)).toEqual(['KEY_HELD', 'OPERATION_ENDED']);
    await expectInvariants(database);
  },
);
