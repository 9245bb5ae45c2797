import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { authorizeDevice } from '../../src/cli/login/authorize-device.ts';
import { openOutput } from '../../src/cli/output.ts';
import { HOUR_MS } from '../../src/domain/duration.ts';
import { openCommandWorld, openLoggedInWorld } from '../support/command-world.ts';
import { confirmByMutation, submitDecision, openDecisionPage } from '../support/device-world.ts';
import type { Gateway } from '../support/gateway.ts';
import { issue } from '../support/issue.ts';

const LOGIN = '.local/state/keytide/login.json';

test('login: it shows a code, and the machine is logged in as the account that confirms it', async () => {
  const { gateway, pia, start, run, rights, read } = await openCommandWorld();
  const login = start(['login', '--url', gateway.url, '--name', 'pia@workshop', '--json']);
  const written = text(login.stdout);
  const code = await new Promise<string>((resolve) => {
    let written = '';
    login.stderr.on('data', (chunk: Buffer) => {
      written += chunk.toString();
      const [, address, shownCode] = /Open (\S+) and enter this code: (\S+)\n/.exec(written) ?? [];
      if (address === 'https://keytide.test/device' && shownCode !== undefined) resolve(shownCode);
    });
  });
  expect(await confirmByMutation(gateway, pia.token, code)).toMatchObject({ deviceName: 'pia@workshop' });
  const [status] = (await once(login, 'close')) as [number];
  expect(status).toBe(0);
  const answer = JSON.parse(await written);
  expect(answer).toEqual({ url: gateway.url, kind: 'SESSION', id: pia.id, name: 'pia', expiresAt: expect.any(String) });
  expect(Math.abs(Date.parse(answer.expiresAt) - Date.now() - 12 * HOUR_MS)).toBeLessThan(60_000);
  expect(rights(LOGIN)).toBe('600');

  expect((await run(['list'])).stdout).toBe('No keys match.\n');
  const { credential } = JSON.parse(read(LOGIN));
  const out = await run(['logout', '--json']);
  expect([out.status, out.json]).toEqual([0, { url: gateway.url, wasLoggedIn: true, sessionEnded: true }]);
  const { errors } = await gateway.ask('{ viewer { __typename } }', {}, credential);
  expect(errors?.[0]?.extensions).toMatchObject({ outcome: 'SESSION_ENDED' });
  expect((await run(['list'])).status).toBe(77);
  const again = await run(['logout', '--json']);
  expect(again.json).toEqual({ url: null, wasLoggedIn: false, sessionEnded: false });
});

/** Logs in as a device in this process; each delay is a step of the test. */
function authorizeWith(gateway: Gateway, onWait: (waits: number[], code: string) => Promise<unknown>) {
  const waits: number[] = [];
  let written = '';
  const err = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += chunk.toString();
      done();
    },
  });
  const output = openOutput({ out: err, err }, {}, false);
  const names = { clientId: 'keytide', name: 'laptop' };
  const asked = authorizeDevice(gateway.url, names, output, async (ms) => {
    waits.push(ms);
    gateway.clock.advance(ms);
    await onWait(waits, /code: (\S+)/.exec(written)?.[1] ?? '');
  });
  return { asked, waits };
}

test('login: it polls at the requested interval, more slowly after slow_down and while the gateway is unavailable', async () => {
  const { gateway, pia } = await openCommandWorld();
  const { asked, waits } = authorizeWith(gateway, async (soFar, code) => {
    // Another node has just received a poll of this device.
    if (soFar.length === 2) await gateway.prisma.device.updateMany({ data: { polledAt: gateway.clock.now() } });
    if (soFar.length === 4) await confirmByMutation(gateway, pia.token, code);
  });
  // It ends with the confirming session, which began 30 seconds before. Fractions of seconds are rounded down.
  const left = 12 * 3600 - 30;
  expect([left - 1, left]).toContain((await asked).expiresInSeconds);
  expect(waits).toEqual([5_000, 5_000, 10_000, 10_000]);

  const away = authorizeWith(gateway, async (soFar) => {
    if (soFar.length === 1) await gateway.stop();
  });
  await expect(away.asked).rejects.toThrow('The code expired before it was confirmed');
  expect(away.waits.slice(0, 4)).toEqual([5_000, 10_000, 20_000, 40_000]);
});

test('login: a refused code and an expired code are reported', async () => {
  const { gateway } = await openCommandWorld();
  const refused = authorizeWith(gateway, async (_waits, code) => {
    const { proof } = await openDecisionPage(gateway, code);
    await submitDecision(gateway, proof, 'refuse');
  });
  await expect(refused.asked).rejects.toMatchObject({ status: 77, message: 'The login was refused.' });
  const untyped = authorizeWith(gateway, async () => undefined);
  await expect(untyped.asked).rejects.toMatchObject({ status: 69 });
  expect(untyped.waits).toHaveLength(120);
});

test('login: a session token or the secret of a key is read from standard input', async () => {
  const { gateway, pia, login, run, rights } = await openCommandWorld();
  const session = await login();
  expect([session.status, session.stdout]).toEqual([
    0,
    expect.stringMatching(/^Logged in to http:\S+ as pia, until 20\S+Z\.\n$/),
  ]);
  const { id, secret } = await issue(gateway, pia.token, { name: 'reader' });
  // As an editor, echo or Windows leaves it.
  const key = await run(['login', '--with-token', '--json'], { input: ` \ufeff${secret} \r\n` });
  expect(key.json).toEqual({ url: gateway.url, kind: 'KEY', id, name: 'reader', expiresAt: null });
  expect(rights(LOGIN)).toBe('600');
  // A key stays valid after logout.
  expect((await run(['logout', '--json'])).json).toMatchObject({ wasLoggedIn: true, sessionEnded: false });
  expect((await gateway.ask('{ viewer { __typename } }', {}, secret)).data).toMatchObject({
    viewer: { __typename: 'Key' },
  });
});

test('login: an invalid token or gateway changes nothing', async () => {
  const { gateway, run, read, login, files } = await openCommandWorld();
  const cases: [string[], string, number, string][] = [
    [['--with-token', '--url', gateway.url], '', 65, 'Found nothing on standard input'],
    [['--with-token', '--url', gateway.url], 'two words', 65, 'Found text that is not a token on standard input'],
    [['--with-token', '--url', gateway.url], 'kt_x', 77, 'keytide: '],
    [['--with-token'], 'x', 64, 'Give the URL of the gateway with --url.'],
    [['--url', 'keys.example.com'], '', 65, 'url: found "keys.example.com"; expected an http or https URL.'],
    [['--url', 'http://127.0.0.1:1'], '', 75, 'cannot be reached'],
    [['--url', `${gateway.url}/livez`], '', 76, 'returned status 404'],
  ];
  for (const [words, input, status, expected] of cases) {
    const run1 = await run(['login', ...words], { input });
    expect([words, run1.status, run1.stdout]).toEqual([words, status, '']);
    expect(run1.stderr).toContain(expected);
    expect(run1.stderr).not.toMatch(/\n {4}at /);
  }
  expect(files().filter((file) => file.endsWith('login.json'))).toEqual([]);
  await login();
  const before = read(LOGIN);
  expect((await run(['login', '--with-token'], { input: 'kt_x' })).status).toBe(77);
  expect(read(LOGIN)).toBe(before);
});

test('logout: if the gateway is unavailable, the login is deleted and the session stays valid', async () => {
  const { gateway, run, files } = await openLoggedInWorld();
  await gateway.stop();
  const { status, stderr } = await run(['logout']);
  expect([status, stderr]).toEqual([75, expect.stringContaining('its session may still be valid until 20')]);
  expect(files().filter((file) => file.endsWith('login.json'))).toEqual([]);
});

test('login: a login file that others can read and an expired session are refused', async () => {
  const { run, write, read } = await openLoggedInWorld();
  const stored = JSON.parse(read(LOGIN));
  write(LOGIN, JSON.stringify({ ...stored, expiresAt: '2020-01-01T00:00:00.000Z' }));
  expect(await run(['list'])).toMatchObject({
    status: 77,
    stderr: 'keytide: The session expired at 2020-01-01T00:00:00.000Z: run keytide login.\n',
  });
  write(LOGIN, '{}');
  expect(await run(['list'])).toMatchObject({ status: 65, stderr: expect.stringContaining('does not hold a login') });
  const { chmodSync } = await import('node:fs');
  write(LOGIN, JSON.stringify(stored));
  chmodSync(write(LOGIN, JSON.stringify(stored)), 0o644);
  const open = await run(['list']);
  expect([open.status, open.stderr]).toEqual([77, expect.stringContaining('(mode 644)')]);
  expect(open.stderr).not.toContain(stored.credential);
});
