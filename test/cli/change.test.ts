import { expect, test } from 'vitest';
import { openCommandWorld } from '../support/command-world.ts';

test('change: prints the dry run, changes exactly the keys that match, and can be undone', async () => {
  const world = await openCommandWorld();
  const { run, gateway } = world;
  await world.login();
  for (const name of ['core', 'web']) await world.issue(name, '--label', 'team=payments');
  await world.issue('other');
  await world.login(await gateway.admin());
  const words = ['change', 'hold', '--where', 'label.team=payments', '--reason', 'incident 7'];

  const dryRun = await run([...words, '--dry-run', '--json']);
  expect([dryRun.status, dryRun.json]).toEqual([
    0,
    { matchedCount: 2, byOwner: [{ id: world.pia.id, name: 'pia', keyCount: 2 }], operation: null },
  ]);
  expect((await run([...words, '--dry-run'])).stdout).toMatch(/pia +account_\w+ +2\n2 keys match for hold\.\n$/);
  expect(await run(words)).toMatchObject({ status: 64, stderr: expect.stringContaining('Give --yes.') });
  expect(await gateway.prisma.operation.count()).toBe(0);

  const started = await run([...words, '--yes', '--no-wait', '--json']);
  expect(started).toMatchObject({ status: 0, json: { operation: { kind: 'HOLD', state: 'RUNNING', total: 2 } } });
  const { id } = started.json.operation;
  expect((await run(['operations', id, '--pause', '--json'])).json.operation.state).toBe('PAUSED');
  expect((await run(['operations', id, '--resume', '--json'])).json.operation.state).toBe('RUNNING');
  await gateway.node.operationLoop.runDue();
  const followed = await run(['operations', id, '--follow']);
  expect([followed.status, followed.stdout]).toEqual([
    0,
    `${id}: HOLD of 2 keys is DONE: 2 done, 0 failed, 0 skipped.\n`,
  ]);
  expect(await gateway.prisma.hold.count()).toBe(2);
  expect(await run(['operations', id, '--undo'])).toMatchObject({ status: 64 });
  await run(['operations', id, '--undo', '--yes']);
  await gateway.node.operationLoop.runDue();
  expect(await gateway.prisma.hold.count()).toBe(0);
  const listed = await run(['operations', '--json']);
  expect(listed.json.operations).toEqual([expect.objectContaining({ id, state: 'UNDONE', undone: 2 })]);

  const origin = ['issued-by=' + world.pia.id, 'issued-after=2020-01-01', 'issued-before=2100-01-01T00:00:00Z'];
  const byOrigin = ['change', 'revoke', '--reason', 'x', '--dry-run', '--json', '--where'];
  expect((await run([...byOrigin, ...origin, 'unused-for=0s'])).json.matchedCount).toBe(3);
  for (const none of ['used-by=nightly', 'subject=customer/1', 'token-rule=rule_01m844evt8fhatnd989cp557ja']) {
    expect((await run([...byOrigin, ...origin, none])).json.matchedCount).toBe(0);
  }

  const asked = [
    'change',
    'ask-rotation',
    '--where',
    'label.team=payments',
    '--grace-period',
    '2d',
    '--reason',
    'leak',
  ];
  expect((await run([...asked, '--yes', '--no-wait', '--json'])).json.operation).toMatchObject({
    kind: 'ASK_ROTATION',
  });
  await gateway.node.operationLoop.runDue();
  const graces = await gateway.prisma.key.findMany({ where: { rotationAskedAt: { not: null } } });
  expect(graces.map(({ rotationAskedGraceMs }) => rotationAskedGraceMs)).toEqual([172_800_000n, 172_800_000n]);

  const cases: [string[], number, string][] = [
    [[...byOrigin, 'issued-after=May'], 64, '--where issued-after: found May: expected'],
    [[...byOrigin, 'issued-by=pia'], 65, 'issuedBy: found a text that is not an id'],
    [
      ['change', 'hold', '--where', 'colour=red', '--reason', 'x', '--yes'],
      64,
      '--where: found "colour=red"; expected',
    ],
    [['change', 'hold', '--where', 'owner=a', 'owner=b', '--reason', 'x'], 64, 'found owner twice'],
    [['change', 'melt', '--reason', 'x'], 64, "'melt' is invalid for argument 'change'"],
    [['change', 'hold', '--reason', 'x', '--yes'], 65, 'all: found false'],
    [['operations', '--pause'], 64, 'Give the id of the operation.'],
    [['operations', id, '--pause', '--stop'], 64, 'cannot be used with option'],
    [['operations', 'operation_00000000000000000000000000'], 65, 'no operation has this id'],
  ];
  for (const [words, status, said] of cases) {
    const result = await run(words);
    expect([words, result.status, result.stderr]).toEqual([words, status, expect.stringContaining(said)]);
  }
});
