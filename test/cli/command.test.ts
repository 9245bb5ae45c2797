import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { openOutput } from '../../src/cli/output.ts';
import { newSecret } from '../../src/domain/secret.ts';
import { systemRandom } from '../../src/store/random.ts';
import { runCommand, startCommand } from '../support/command.ts';
import { openRenewalWorld } from '../support/renewal-world.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

test('command: it exits with sysexits statuses and a one-line reason', async () => {
  const home = scratchFolder();
  const good = newSecret(systemRandom).reveal();
  writeFileSync(`${home}/open`, good, { mode: 0o644 });
  const url = ['--url', 'http://127.0.0.1:9'];
  const cases: [number, string[], string, RegExp][] = [
    [64, ['rnew'], '', /unknown command 'rnew'/],
    [64, ['renew', '--nothing'], '', /unknown option/],
    [64, ['renew', '--jitter', 'P1M'], '', /months and years differ/],
    [64, ['renew', '--jitter', 'P30D'], '', /at most P1D/],
    [64, ['renew', '--rotate'], '', /expected the names of the keys/],
    [64, ['keep', 'release'], good, /--url/],
    [64, ['keep', '../release', ...url], good, /found "\.\.\/release"; expected letters/],
    [64, ['keep', 'release', ...url, '--deploy', 'ftp', 'file=x'], good, /found "ftp"; expected one of file, dotenv/],
    [78, ['keep', 'release', ...url, '--deploy', 'github', 'repository=a/b'], good, /deploy\.0\.secret/],
    [78, ['keep', 'release', ...url, '--hook-limit', 'PT0S'], good, /hookLimit: a duration from PT1S to P1D/],
    [78, ['keep', 'release', ...url, '--hook-limit', 'P30D'], good, /hookLimit: a duration from PT1S to P1D/],
    [65, ['keep', 'release', ...url], 'kt_cut', /complete secret of a key/],
    [66, ['keep', 'release', ...url, '--secret-file', 'none'], '', /The file .*none does not exist/],
    [77, ['keep', 'release', ...url, '--secret-file', 'open'], '', /\(mode 644\)/],
    [75, ['keep', 'release', ...url], good, /cannot be reached/],
    [78, ['renew'], '', /No keys are registered/],
    [66, ['keep', 'release', '--forget'], '', /No key is registered as/],
  ];
  for (const [status, words, input, expected] of cases) {
    const run = await runCommand(words, { home, input });
    expect(run.status, `${words.join(' ')}: ${run.stderr}`).toBe(status);
    expect(run.stderr, words.join(' ')).toMatch(expected);
    expect(run.stderr).not.toContain(good);
    expect(run.stdout).toBe('');
  }
  expect((await runCommand(['--version'], { home })).stdout).toBe('0.1.0\n');
});

test('command: a configuration that others may write is refused', async () => {
  const world = await openRenewalWorld();
  await world.keep('release');
  chmodSync(world.path('.config/keytide/keys/release.json'), 0o666);
  expect((await world.renew()).keys['release']).toMatchObject({ outcome: 'FAILED', status: 77 });
});

test('command: files are in the XDG folders, and keys are registered, listed, replaced and unregistered', async () => {
  const world = await openRenewalWorld();
  const env = { XDG_CONFIG_HOME: world.path('c'), XDG_STATE_HOME: world.path('s'), XDG_CACHE_HOME: 'relative' };
  mkdirSync(world.path('c'));
  const { id, secret } = await world.keep('first');
  const words = ['--url', world.gateway.url, '--deploy', 'npmrc', 'file=~/.npmrc', 'registry=https://r.example/'];
  expect((await world.command(['keep', 'release', ...words], { env, input: secret })).status).toBe(0);
  const listed = await world.command(['keep', '--json'], { env });
  expect(listed.json).toEqual({
    keys: [
      {
        name: 'release',
        keyId: id,
        url: world.gateway.url,
        secretFile: world.path('s/keytide/secrets/release'),
        proof: 'moved',
        places: [`file ${world.path('s/keytide/secrets/release')}`, `npmrc ${world.path('.npmrc')} https://r.example/`],
        stopsAt: expect.any(String),
        askedAt: expect.any(String),
        file: world.path('c/keytide/keys/release.json'),
      },
    ],
  });
  const twice = await world.command(['keep', 'release', ...words], { env, input: secret });
  expect([twice.status, twice.stderr]).toEqual([64, expect.stringContaining('--replace')]);
  expect((await world.command(['keep', 'release', ...words, '--replace'], { env, input: secret })).status).toBe(0);
  expect((await world.command(['keep', 'release', '--forget'], { env })).status).toBe(0);
  expect((await world.command(['keep', '--json'], { env })).json).toEqual({ keys: [] });
  expect(world.read('s/keytide/secrets/release')).toBe(`${secret}\n`);
});

test('command: serve starts the gateway, and a signal ends it', { timeout: 180_000 }, async () => {
  const home = scratchFolder();
  const child = startCommand(['serve'], { home, env: { PORT: '0' } });
  let written = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (written += piece));
  while (!/http:\S+\/graphql/.test(written)) await once(child.stdout, 'data');
  const [url] = /http:\S+(?=\/graphql)/.exec(written)!;
  const alive = await fetch(`${url}/livez`, { headers: { Connection: 'close' } });
  expect(alive.status).toBe(200);
  child.kill('SIGTERM');
  expect((await once(child, 'close'))[0]).toBe(0);
});

test('output: colors and progress appear only on a terminal and not with --json', async () => {
  const writeTo = async (isTTY: boolean, env: NodeJS.ProcessEnv, isJson: boolean) => {
    const out = Object.assign(new PassThrough(), { isTTY });
    const err = Object.assign(new PassThrough(), { isTTY, columns: 40 });
    const output = openOutput({ out, err }, env, isJson);
    output.progress('half');
    output.table(['NAME', 'X'], [['wide name', 'y']], 'none');
    output.json({ answer: 1 });
    output.progress(null);
    out.end();
    err.end();
    return [await text(out), await text(err)];
  };
  const plain = 'NAME       X\nwide name  y\n';
  expect(await writeTo(false, {}, false)).toEqual([plain, '']);
  expect(await writeTo(true, { NO_COLOR: '1' }, false)).toEqual([plain, '\r\u001B[Khalf\r\u001B[K']);
  expect((await writeTo(true, {}, false))[0]).toContain('\u001B[1mNAME');
  expect(await writeTo(true, {}, true)).toEqual(['{\n  "answer": 1\n}\n', '']);
});
