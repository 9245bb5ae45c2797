import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/duration.ts';
import { openLoggedInWorld } from '../support/command-world.ts';

test('hold, resume: a key is suspended with a reason, and works again', async () => {
  const { run, issue, gateway } = await openLoggedInWorld();
  const { id } = await issue('release');
  expect(await run(['hold', 'release'])).toMatchObject({ status: 64, stderr: expect.stringContaining('--reason') });
  const held = await run(['hold', 'release', '--reason', 'seen in a log', '--json']);
  expect([held.status, held.json]).toMatchObject([0, { key: { id, state: 'HELD' } }]);
  expect(await gateway.prisma.event.findFirst({ where: { type: 'KEY_HELD' } })).toMatchObject({
    reason: 'seen in a log',
  });
  expect((await run(['resume', id])).stdout).toBe('release works again.\n');
  expect((await run(['show', id, '--json'])).json.key.state).toBe('ACTIVE');
  expect(await run(['resume', id])).toMatchObject({ status: 69, stdout: '' });
  expect(await run(['hold', 'nobody', '--reason', 'x'])).toMatchObject({ status: 65 });
});

test('renew-key: a key is renewed by hand, also after it expired, and its secret stays', async () => {
  const { run, issue, gateway, login } = await openLoggedInWorld();
  const { id, secret } = await issue('release', '--lifetime', '30d');
  const renewed = await run(['renew-key', 'release', '--lifetime', '90d', '--json']);
  expect([renewed.status, Object.keys(renewed.json)]).toEqual([0, ['key']]);
  expect(Date.parse(renewed.json.key.expiresAt) - gateway.clock.now().getTime()).toBeGreaterThan(89 * DAY_MS);
  for (const words of [
    ['--lifetime', '9d', '--expires-at', '2027-01-01T00:00:00Z'],
    ['--expires-at', 'soon'],
    ['--lifetime', '1y'],
  ]) {
    expect((await run(['renew-key', id, ...words])).status, words.join(' ')).toBe(64);
  }
  expect(await run(['renew-key', id, '--lifetime', '9999d'])).toMatchObject({ status: 69, stdout: '' });
  await gateway.travel(91 * DAY_MS);
  expect((await gateway.ask('{ viewer { __typename } }', {}, secret)).errors).toBeDefined();
  await login(await gateway.admin());
  const revived = await run(['renew-key', id, '--lifetime', '30d']);
  expect([revived.status, revived.stdout]).toEqual([0, expect.stringMatching(/^release is renewed\. It stops at 20/)]);
  expect((await gateway.ask('{ viewer { __typename } }', {}, secret)).errors).toBeUndefined();
});
