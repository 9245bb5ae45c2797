import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../../src/domain/duration.ts';
import { addMs } from '../../src/domain/key.ts';
import { LIFE } from '../support/binding-world.ts';
import { openGateway, type Gateway } from '../support/gateway.ts';
import { issue } from '../support/issue.ts';
import { policiesWith } from '../support/policies.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const BIND = `mutation ($input: BindPolicyInput!) {
  bindPolicy(input: $input) { __typename ... on BindPolicySuccess { binding { id } } ... on UserError { message } }
}`;

/** A node that has the module, and one on the same database that has not. */
async function twoNodes(): Promise<{ has: Gateway; lacks: Gateway; keyId: string; bindingId: string }> {
  const folder = scratchFolder();
  writeFileSync(join(folder, 'life.ts'), LIFE);
  // Their own timers don't review: each is told when.
  const has = await openGateway({ policies: await policiesWith(folder), isClockTrusted: () => false });
  const lacks = await openGateway({ database: has.database, clock: has.clock, isClockTrusted: () => false });
  const admin = await has.admin();
  const { id: keyId } = await issue(has, admin);
  const input = { realm: 'default', policy: 'life', config: { life: 'P100D' } };
  const { data } = await has.ask(BIND, { input }, admin);
  return { has, lacks, keyId, bindingId: data['bindPolicy'].binding.id };
}

test('nodes: a node without the version of a binding leaves the reviews to a node that has it, and the binding is not BROKEN', async () => {
  const { has, lacks, keyId, bindingId } = await twoNodes();
  const now = has.clock.now();
  const stopsAt = async () => (await has.prisma.key.findUniqueOrThrow({ where: { id: keyId } })).stopsAt;
  const before = await stopsAt();
  await lacks.node.reviewer.reviewDue();
  await lacks.node.reviewer.reviewDue();
  expect(await stopsAt()).toEqual(before);
  await has.node.reviewer.reviewDue();
  expect(await stopsAt()).toEqual(addMs(now, 100 * DAY_MS));
  // A key that is issued there is under all others meanwhile, and under this one as soon as the other node looks.
  await has.prisma.nearing.deleteMany(); // as if an hour had passed
  const { id } = await issue(lacks, await lacks.admin());
  expect(await has.prisma.binding.findUnique({ where: { id: bindingId } })).toMatchObject({ health: 'WORKING' });
  await lacks.node.reviewer.reviewDue();
  await has.node.reviewer.reviewDue();
  expect((await has.prisma.key.findUniqueOrThrow({ where: { id } })).stopsBasis).toBe('HARD');
});

test('nodes: when the last node with the version is gone, it is MISSING, and its previous verdicts stay', async () => {
  const { has, lacks, keyId, bindingId } = await twoNodes();
  await has.node.reviewer.reviewDue();
  const { stopsAt } = await has.prisma.key.findUniqueOrThrow({ where: { id: keyId } });
  await has.stop();
  lacks.clock.advance(MINUTE_MS);
  await lacks.prisma.key.updateMany({ data: { reviewAt: lacks.clock.now() } });
  await lacks.node.reviewer.reviewDue();
  await lacks.node.reviewer.reviewDue();
  expect(await lacks.prisma.binding.findUnique({ where: { id: bindingId } })).toMatchObject({
    health: 'BROKEN',
    fault: { kind: 'MISSING' },
  });
  expect((await lacks.prisma.key.findUniqueOrThrow({ where: { id: keyId } })).stopsAt).toEqual(stopsAt);
});
