import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { readSettings } from '../../src/settings/settings.ts';
import { ManualClock } from '../support/clock.ts';
import { openLeakWorld } from '../support/leak-world.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { codeBlocks, readGuide } from './read-guide.ts';

const execute = promisify(execFile);
const guide = readGuide('leaks');

test('guide to leaks: what it shows makes keys and a report that the gateway takes as GitHub’s', async () => {
  const folder = scratchFolder();
  const run = async (script: string) => (await execute('sh', ['-e', '-c', script], { cwd: folder })).stdout;
  const [make = '', send = '', name = ''] = codeBlocks(guide, 'sh');
  await run(make);
  await run(name);
  const { githubKeys, leakSources } = readSettings({
    KEYTIDE_GITHUB_KEYS: join(folder, 'github-keys.json'),
    KEYTIDE_LEAK_SOURCES_FILE: join(folder, 'leak-sources'),
  });
  const clock = new ManualClock(new Date());
  const leaks = await openLeakWorld({ leaks: { githubKeys, sources: leakSources ?? [] }, clock });
  const { id, secret } = await leaks.world.key();
  writeFileSync(join(folder, 'secret'), `${secret}\n`);
  const script = send.replace('http://127.0.0.1:4000', leaks.gateway.url);
  expect(script).toContain(leaks.gateway.url);
  expect(JSON.parse(await run(script))).toEqual([
    { token_hash: expect.stringMatching(/^[\da-f]{64}$/), token_type: 'your_api_key', label: 'true_positive' },
  ]);
  expect((await leaks.key(id)).state).toBe('HELD');

  const { report } = await load(codeBlocks(guide, 'js')[0] ?? '');
  const other = await leaks.world.key();
  const [, signing = ''] = readFileSync(join(folder, 'leak-sources'), 'utf8').trim().split(/=(.*)/s);
  const records = [{ token: other.secret, type: 'your_api_key' }];
  expect(await report!(`${leaks.gateway.url}/leaks/scanner`, signing, records)).toMatchObject([
    { label: 'true_positive' },
  ]);
  await expect(report!(`${leaks.gateway.url}/leaks/scanner`, `${signing.slice(0, 20)}AAAA`, records)).rejects.toThrow(
    '400',
  );
});

/** A block as the module that it is, where it finds the packages that it imports. */
async function load(block: string): Promise<Record<string, (...args: any[]) => Promise<unknown>>> {
  const folder = join(import.meta.dirname, '../../node_modules/.cache', `leaks-guide-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'report.mjs');
  writeFileSync(path, block);
  return import(path);
}
