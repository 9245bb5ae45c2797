import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { printedSchema } from '../../src/graphql/schema.ts';
import { openLoggedInWorld, type CommandWorld } from '../support/command-world.ts';
import type { CommandRun } from '../support/command.ts';
import { runReleaseBefore, unpackReleaseBefore } from './release-before.ts';

/** Runs the command of the release before on the world's machine, and expects it to succeed. */
async function openBefore(
  world: CommandWorld,
): Promise<(words: readonly string[], input?: string) => Promise<CommandRun>> {
  const command = await unpackReleaseBefore();
  return async (words, input = '') => {
    const run = await runReleaseBefore(command, words, { home: world.home, input });
    expect([words.join(' '), run.status, run.stderr]).toEqual([words.join(' '), 0, expect.any(String)]);
    return run;
  };
}

test('command of the release before: its documents are valid in the schema of this one', async () => {
  const root = dirname(dirname(dirname(await unpackReleaseBefore())));
  const schema = buildSchema(printedSchema());
  const operations = globSync(join(root, 'src', '{cli,client}', '**', '*.js')).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/[`'](\s*(?:query|mutation|subscription)\b[^`']*\{[^`']*)[`']/g)]
      .map(([, text = '']) => text)
      // The rest is put together when it is sent: the test below sends it.
      .filter((text) => !text.includes('${')),
  );
  expect(operations.length).toBeGreaterThanOrEqual(7);
  for (const operation of operations) expect([operation, validate(schema, parse(operation))]).toEqual([operation, []]);
});

test('command of the release before: it works with a gateway of this one', { timeout: 120_000 }, async () => {
  const world = await openLoggedInWorld();
  const before = await openBefore(world);
  const file = world.path('secret');
  const issued = await before([
    'issue',
    'release',
    '--scope',
    'package:push=Acme.*',
    '--lifetime',
    'P90D',
    '--to',
    file,
    '--json',
  ]);
  const { id } = issued.json.key as { id: string };
  expect((await before(['list', '--json'])).json.keys).toMatchObject([{ id, name: 'release' }]);
  expect((await before(['show', 'release', '--json'])).json.key).toMatchObject({ id, name: 'release' });
  expect((await before(['explain', 'release'])).stdout).toMatch(/\w/);
  const rotated = world.path('rotated secret');
  await before(['rotate', 'release', '--to', rotated, '--json']);
  await before(['undo', id]);
  await before(['check']);
  await before(['keep', 'release', '--url', world.gateway.url, '--secret-file', file, '--proof', 'accepted']);
  expect((await before(['renew', 'release', '--rotate', '--json'])).json.keys).toMatchObject([{ outcome: 'ROTATED' }]);
  await before(['doctor']);
  await before(['revoke', 'release', '--reason', 'no longer in use', '--yes']);
  expect((await before(['show', id, '--json'])).json.key).toMatchObject({ id, name: 'release' });
});

test(
  'command: it continues what the command of the release before has registered, and what it left half done',
  { timeout: 120_000 },
  async () => {
    const world = await openLoggedInWorld();
    const before = await openBefore(world);
    const { id, secret } = await world.issue('release', '--lifetime', 'P90D');
    const hook = world.write('prove.sh', '#!/bin/sh\ntest -e open\n', 0o700);
    const place = ['--deploy', 'dotenv', 'file=.env', 'name=ACME_KEY', '--proof', 'accepted', '--prove', hook];
    await before(['keep', 'release', '--url', world.gateway.url, ...place], `${secret}\n`);
    // The new secret is deployed, and its proof fails: the rotation stays half done.
    const run = await runReleaseBefore(await unpackReleaseBefore(), ['renew', 'release', '--rotate', '--json'], world);
    expect(run.json.keys[0].outcome).not.toBe('ROTATED');
    const journals = () => globSync(join(world.home, '.local/state/keytide/journals', '*.json'));
    expect(journals()).toHaveLength(1);
    const deployed = world.read('.env');

    world.write('open', '');
    const continued = await world.run(['renew', 'release', '--json']);
    expect([continued.status, continued.json.keys]).toMatchObject([0, [{ outcome: 'ROTATED' }]]);
    expect(journals()).toEqual([]);
    expect(world.read('.env')).toBe(deployed);
    const secrets = await world.gateway.prisma.secret.findMany({ where: { keyId: id } });
    expect(secrets).toHaveLength(2);
    const history = await world.run(['renew', 'release', '--history']);
    expect(history.stdout.trim().split('\n').length).toBeGreaterThanOrEqual(2);
  },
);
