import { expect, test } from 'vitest';
import { readConditions } from '../../src/cli/change/change-input.ts';
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

test('change: each condition of --where becomes a field of the filter', () => {
  const now = new Date('2027-01-31T12:00:00Z');
  const texts = [
    ...['owner=a', 'subject=customer=1', 'issued-by=b', 'parent=c', 'token-rule=d', 'used-by=nightly', 'search=x'],
    ...['state=active,held', 'exchanged=true', 'issued-after=2027-01-01', 'issued-before=2027-01-02T01:00:00+01:00'],
    ...['never-used=false', 'unused-for=1d', 'stops-within=P1D', 'label.team=payments'],
  ];
  expect(readConditions(texts, now)).toEqual({
    owner: 'a',
    subject: 'customer=1',
    issuedBy: 'b',
    parent: 'c',
    tokenRule: 'd',
    usedBy: 'nightly',
    search: 'x',
    states: ['ACTIVE', 'HELD'],
    exchanged: true,
    issuedAfter: '2027-01-01T00:00:00.000Z',
    issuedBefore: '2027-01-02T00:00:00.000Z',
    neverUsed: false,
    unusedSince: '2027-01-30T12:00:00.000Z',
    stopsBefore: '2027-02-01T12:00:00.000Z',
    labels: [{ name: 'team', value: 'payments' }],
  });
  const refusals: [string, string][] = [
    ['issued-after=2027-02-30', '--where issued-after: found 2027-02-30T00:00:00Z: the calendar has no such day'],
    ['issued-before=May', '--where issued-before: found May: expected an RFC 3339 timestamp'],
    ['never-used=yes', '--where: never-used: found "yes"; expected true or false.'],
    [
      'subject',
      '--where: found "subject"; did you mean subject=…? Expected name=value with one of these names: owner, subject,',
    ],
    ['isued-by=x', '--where: found "isued-by=x"; did you mean issued-by=…? Expected name=value'],
    ['tokenrule=x', 'did you mean token-rule=…?'],
    ['colour=red', '--where: found "colour=red"; expected name=value'],
  ];
  for (const [text, said] of refusals) expect(() => readConditions([text], now)).toThrow(said);
});
