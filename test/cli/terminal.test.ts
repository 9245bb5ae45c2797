import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { commandTable } from '../../src/cli/all-commands.ts';
import { openOutput } from '../../src/cli/output.ts';
import { runCommand } from '../../src/cli/run-command.ts';
import { trackProgress } from '../../src/cli/track-progress.ts';
import { openLoggedInWorld, type CommandWorld } from '../support/command-world.ts';
import { makeManyKeys } from '../support/many-keys.ts';

/** A terminal, and the text that it shows. */
function terminal(columns = 80) {
  let seen = '';
  const write = (chunk: Buffer, _encoding: string, done: () => void) => {
    seen += chunk.toString();
    done();
  };
  const streams = { out: new Writable({ write }), err: new Writable({ write }), input: new PassThrough() };
  for (const stream of Object.values(streams)) Object.assign(stream, { isTTY: true, columns });
  return { ...streams, seen: () => seen };
}

/** Runs the command in this process on a terminal with the given input. */
async function runAt({ home }: CommandWorld, words: string[], typed: string, env: Record<string, string> = {}) {
  const { out, err, input, seen } = terminal();
  input.end(typed);
  const status = await runCommand(commandTable, words, { env: { HOME: home, ...env }, streams: { out, err }, input });
  return { status, seen: seen() };
}

test('terminal: progress is shown in place, with rate and time left', () => {
  const { out, err, seen } = terminal();
  let at = 0;
  const output = openOutput({ out, err }, {}, false);
  const tell = trackProgress(output, () => new Date(at), 'keys', 300);
  at = 2_000;
  tell(100);
  expect(seen()).toBe('\r\u001b[K100 of 300 keys, 50 a second, 4 seconds left');
  trackProgress(output, () => new Date((at += 1_000)), 'keys', null)(5);
  expect(seen()).toContain('\r\u001b[K5 keys, 5.0 a second');
  output.line('done');
  expect(seen().endsWith('\r\u001b[Kdone\n')).toBe(true);
  // Pipes and files get no progress.
  const json = terminal();
  openOutput(json, {}, true).progress('half');
  const file = terminal();
  Object.assign(file.err, { isTTY: false });
  openOutput(file, {}, false).progress('half');
  expect([json.seen(), file.seen()]).toEqual(['', '']);
});

test('terminal: list shows the number of keys and the time left', async () => {
  const world = await openLoggedInWorld();
  const { gateway, pia } = world;
  const { id: realmId } = await gateway.prisma.realm.findUniqueOrThrow({ where: { slug: 'default' } });
  const keys = Array.from({ length: 130 }, (_, index) => ({ name: `key ${index}`, accountId: pia.id }));
  await makeManyKeys(gateway.services, realmId, keys);
  const all = await runAt(world, ['list'], '');
  expect(all.seen).toMatch(/100 of 130 keys, \S+ a second, .+ left/);
  expect(all.seen).toContain('130 of 130 keys');
  expect((await runAt(world, ['list', '--first', '120'], '')).seen).toContain('100 of 120 keys');
  expect((await runAt(world, ['list', '--first', '500'], '')).seen).toContain('100 of 130 keys');
});

test('terminal: it has colors, unless NO_COLOR is set', async () => {
  const world = await openLoggedInWorld();
  await world.issue('release');
  expect((await runAt(world, ['list'], '')).seen).toContain('\u001b[1mID');
  expect((await runAt(world, ['list'], '', { NO_COLOR: '1' })).seen).not.toContain('\u001b[1m');
});

test('terminal: revoke asks for confirmation and accepts only yes', async () => {
  const world = await openLoggedInWorld();
  const { id } = await world.issue('release');
  const state = async () => (await world.gateway.prisma.key.findUniqueOrThrow({ where: { id } })).revokedAt;
  const words = ['revoke', 'release', '--reason', 'over'];
  for (const typed of ['no\n', '\n', '', 'y\n']) {
    const { status, seen } = await runAt(world, words, typed);
    expect([status, seen]).toEqual([64, expect.stringContaining('Revoke release for good?')]);
    expect(await state()).toBeNull();
  }
  expect((await runAt(world, words, 'yes\n')).status).toBe(0);
  expect(await state()).not.toBeNull();
});

test('terminal: a token is not read from a terminal', async () => {
  const world = await openLoggedInWorld();
  const { status, seen } = await runAt(world, ['login', '--with-token'], 'kt_x\n');
  expect([status, seen]).toEqual([
    64,
    'keytide: A terminal would display the token. Use keytide login --with-token < file.\n',
  ]);
});

test('terminal: names with control characters are printed as plain text', async () => {
  const world = await openLoggedInWorld();
  const { id } = await world.issue('release');
  await world.gateway.prisma.key.update({ where: { id }, data: { name: 'a\u001b[2Jb\u202ec' } });
  for (const words of [['list'], ['show', id]]) {
    const { seen } = await runAt(world, words, '', { NO_COLOR: '1' });
    expect(seen).toContain('a [2Jb c');
    for (const moved of ['\u001b[2J', '\u202e']) expect(seen).not.toContain(moved);
  }
});
