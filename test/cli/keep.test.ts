import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { issue } from '../support/issue.ts';
import { openRenewalWorld } from '../support/renewal-world.ts';

const SPACES = ['\n', '\r\n', ' ', '\t', '\u00a0', '\ufeff', ' \ufeff\t\r\n'];

test('keep: white space around the secret is ignored on standard input and in a file, and nothing else is', async () => {
  const world = await openRenewalWorld();
  const { secret } = await issue(world.gateway, await world.gateway.admin(), { lifetime: 'P90D' });
  const keep = (input: string, ...words: string[]) =>
    world.command(['keep', 'release', '--url', world.gateway.url, ...words], { input });
  for (const space of SPACES) {
    const kept = await keep(`${space}${secret}${space}`, '--replace');
    expect([space, kept.status], kept.stderr).toEqual([space, 0]);
    expect(world.read('.local/state/keytide/secrets', 'release')).toBe(`${secret}\n`);
    const inner = await keep(`${secret.slice(0, 20)}${space}${secret.slice(20)}`, '--replace');
    expect([space, inner.status, inner.stdout]).toEqual([space, 65, '']);
    expect(inner.stderr).toBe('keytide: Standard input does not hold the complete secret of a key.\n');
  }
  expect((await keep('', '--forget')).status).toBe(0);
  for (const space of SPACES) {
    writeFileSync(world.path('secret'), `${space}${secret}${space}`, { mode: 0o600 });
    chmodSync(world.path('secret'), 0o600);
    const kept = await keep('', '--replace', '--secret-file', world.path('secret'));
    expect([space, kept.status], kept.stderr).toEqual([space, 0]);
  }
});

test('keep: relative paths and commands are those of the folder where it ran, also from cron', async () => {
  const world = await openRenewalWorld();
  const { secret } = await issue(world.gateway, await world.gateway.admin(), { lifetime: 'P90D' });
  const folder = world.path('app');
  mkdirSync(folder);
  writeFileSync(world.path('app/secret'), `${secret}\n`, { mode: 0o600 });
  for (const step of ['before', 'prove', 'after']) {
    writeFileSync(world.path(`app/${step}.sh`), `#!/bin/sh\ntouch ${step}\n`, { mode: 0o700 });
  }
  const hooks = ['before', 'prove', 'after'].flatMap((step) => [`--${step}`, `./${step}.sh`]);
  const places = ['--secret-file', './secret', '--deploy', 'dotenv', 'file=../.env', 'name=ACME_KEY'];
  const words = ['keep', 'release', '--url', world.gateway.url, '--proof', 'accepted', ...places, ...hooks];
  const kept = await world.command(words, { cwd: folder });
  expect(kept.status, kept.stderr).toBe(0);
  const run = await world.command(['renew', 'release', '--rotate', '--json'], { cwd: '/' });
  expect(run.json.keys, run.stderr).toMatchObject([{ outcome: 'ROTATED' }]);
  const next = world.read('app/secret').trim();
  expect(next).not.toBe(secret);
  expect(world.read('.env')).toBe(`ACME_KEY=${next}\n`);
  for (const step of ['before', 'prove', 'after']) expect(world.read('app', step)).toBe('');
});
