import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { deploymentSchema, deployerKindNames } from '../../src/cli/deployers/deployer-table.ts';
import { exitStatus } from '../../src/cli/exit-status.ts';
import { checkConfiguration } from '../../src/cli/renewal/registered-key.ts';
import { commandTable } from '../../src/cli/all-commands.ts';
import { issue } from '../support/issue.ts';
import { openRenewalWorld } from '../support/renewal-world.ts';
import { codeBlocks, readGuide } from './read-guide.ts';

const guide = readGuide('renew');
const places = readGuide('renew-places');

/** The first cells of the table whose heading begins so. */
function firstCells(page: string, heading: string): string[] {
  const [, ...rows] = page.slice(page.indexOf(`| ${heading}`)).split('\n');
  const end = rows.findIndex((row) => !row.startsWith('|'));
  return rows.slice(1, end).map((row) => row.split('|')[1]!.trim());
}

test('guide to renewing: what it keeps is kept, and its dry run finds nothing wrong', async () => {
  const world = await openRenewalWorld();
  const { secret } = await issue(world.gateway, await world.gateway.admin(), { lifetime: 'P90D' });
  const [shell = ''] = codeBlocks(guide, 'sh');
  const commands = shell
    .replaceAll('\\\n', ' ')
    .replaceAll('https://keys.example.com', world.gateway.url)
    .replaceAll('/srv/app', world.path('app'))
    .trim()
    .split('\n');
  mkdirSync(world.path('app'));
  for (const line of commands) {
    const [words = '', file] = line.split(' < ');
    const [command, ...rest] = words.trim().split(/\s+/);
    expect(command).toBe('keytide');
    const run = await world.command(rest, file === undefined ? {} : { input: secret });
    expect(run.status, run.stderr).toBe(0);
  }
  const kept = JSON.parse(world.read('.config/keytide/keys/release.json')) as object;
  const [json = ''] = codeBlocks(guide, 'json');
  const shown = JSON.parse(json) as object;
  expect(checkConfiguration(shown, 'the guide')).toEqual(shown);
  expect(Object.keys(kept).filter((name) => !(name in shown))).toEqual([]);
});

test('guide to renewing: its tables name every kind of place with its settings, and every status', () => {
  const kinds = firstCells(places, 'kind').map((cell) => cell.replaceAll('`', ''));
  expect(kinds).toEqual(deployerKindNames);
  for (const option of deploymentSchema.options) {
    const shared = ['to', 'tokenFile', 'tokenVariable', 'apiUrl'];
    const settings = Object.keys(option.shape).filter((name) => !shared.includes(name));
    for (const setting of settings) {
      expect(places, setting).toContain(setting);
    }
  }
  const statuses = firstCells(readGuide('command'), 'status').map(Number);
  expect(statuses).toEqual(Object.values(exitStatus));
  const names = firstCells(readGuide('command'), 'command').map((cell) => cell.replaceAll(/`|keytide /g, ''));
  expect(names).toEqual(commandTable.map(({ name }) => name));
});

test('guide to renewing: a hook finds the variables that it names, and no others of ours', async () => {
  const world = await openRenewalWorld();
  const look = `env | grep -o "^KEYTIDE_[A-Z_]*" | sed "s/^/$KEYTIDE_STEP /" >> ${world.path('seen')}`;
  const hooks = ['--before', look, '--prove', look, '--after', look, '--deploy', 'exec', `command=${look}`];
  await world.keep('release', ...hooks, '--proof', 'accepted');
  expect((await world.renew('release', '--rotate')).keys['release']).toMatchObject({ outcome: 'ROTATED' });
  const seen = new Map<string, string[]>();
  for (const line of world.read('seen').trim().split('\n')) {
    const [step = '', name = ''] = line.split(' ');
    seen.set(name, [...(seen.get(name) ?? []), step]);
  }
  const all = ['before', 'deploy', 'prove', 'after'];
  const rows = places.slice(places.indexOf('| variable')).split('\n\n')[0]!.split('\n').slice(2);
  const told = rows.flatMap((row) => {
    const [, names = '', of = ''] = row.split('|');
    const steps = [...of.matchAll(/`(\w+)`/g)].map(([, step]) => step!);
    return [...names.matchAll(/KEYTIDE_\w+/g)].map(([name]): [string, string[]] => [
      name,
      steps.length === 0 ? all : steps,
    ]);
  });
  const sorted = (entries: Iterable<[string, string[]]>) =>
    Object.fromEntries([...entries].map(([name, steps]) => [name, [...steps].sort()]));
  expect(sorted(seen)).toEqual(sorted(told));
});
